import { ApplicationFailure, condition, setHandler } from '@temporalio/workflow';

import { underPolicy } from '../src/domain/apply-policy';
import type { Policy } from '../src/domain/policy';
import { type Deed, extendSubject, refetchSubject, resolveSubject } from '../src/domain/operator';
import {
  extendUpdate,
  type FlowStatus,
  type OperatorRequest,
  policyUpdate,
  refetchUpdate,
  resolveUpdate,
} from './contract';
import { hasUnwritten, type Memory, operate, statusOf } from './memory';

const YEAR_SECONDS = 366 * 86_400;

function refuse(message: string): never {
  throw ApplicationFailure.nonRetryable(message, 'OperatorRequestRefused');
}

function checkRequest(memory: Memory, request: OperatorRequest): void {
  if (memory.subject.end !== null) refuse('the flow has ended');
  if (request.reason.trim() === '') refuse('reason: expected some text, found none');
}

/** What the flow shows of it; a reason is one line, however it was typed. */
function deed(did: string, { by, reason }: OperatorRequest, at: string): Deed {
  return { at, by, did, reason: reason.replace(/\s+/g, ' ').trim() };
}

/** Waits until an operator's change stands in the row, so that who asked sees it there. */
async function written(memory: Memory): Promise<FlowStatus> {
  await condition(() => !hasUnwritten(memory));
  return statusOf(memory);
}

/** Operators act through Updates; nonsense is refused before it enters the history. */
export function acceptOperators(memory: Memory, now: () => string): void {
  setHandler(
    refetchUpdate,
    (request) => {
      operate(memory, refetchSubject(memory.subject, now()), deed('asked for a read', request, now()));
      return statusOf(memory);
    },
    {
      validator: (request: OperatorRequest) => {
        checkRequest(memory, request);
      },
      description: 'read the object at the partner now: {by, reason}',
    },
  );
  setHandler(
    extendUpdate,
    async ({ seconds, ...request }) => {
      const done = deed(`gave ${String(seconds)} s more`, request, now());
      operate(memory, extendSubject(memory.subject, seconds, now()), done);
      return written(memory);
    },
    {
      validator: (request: OperatorRequest & { readonly seconds: number }) => {
        checkRequest(memory, request);
        if (!(request.seconds > 0 && request.seconds <= YEAR_SECONDS))
          refuse(`seconds: expected 1 to ${String(YEAR_SECONDS)}`);
      },
      description: 'give the partner more time: {by, reason, seconds}, what is owed is due so many seconds from now',
    },
  );
  setHandler(
    policyUpdate,
    async (policy: Policy) => {
      memory.rules = { ...memory.rules, policy };
      operate(memory, underPolicy(memory.rules, memory.subject, now()));
      return written(memory);
    },
    {
      validator: (policy: Policy) => {
        if (memory.subject.end !== null) refuse('the flow has ended');
        if (policy.ladder.length === 0) refuse('policy: expected a ladder of at least one rung');
      },
      description: 'take over the policy in force; sent by `partnerflow policy apply`',
    },
  );
  setHandler(
    resolveUpdate,
    async ({ by, reason, result }) => {
      const ended = resolveSubject(memory.rules, memory.subject, { by, reason, result }, now());
      operate(memory, ended, deed(`ended it as ${result}`, { by, reason }, now()));
      return written(memory);
    },
    {
      validator: (request: OperatorRequest) => {
        checkRequest(memory, request);
      },
      description:
        'end the flow by hand: {by, reason, result: done or failed}; its state stays what the partner said last',
    },
  );
}
