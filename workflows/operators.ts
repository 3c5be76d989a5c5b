import { ApplicationFailure, condition, setHandler } from '@temporalio/workflow';

import { underPolicy } from '../src/domain/apply-policy';
import type { Policy } from '../src/domain/policy';
import { extendSubject, refetchSubject, resolveSubject } from '../src/domain/operator';
import {
  extendUpdate,
  FLOW_HAS_ENDED,
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
  if (memory.subject.end !== null) refuse(FLOW_HAS_ENDED);
  if (request.reason.trim() === '') refuse('reason: expected some text, found none');
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
    () => {
      operate(memory, refetchSubject(memory.subject, now()));
      return statusOf(memory);
    },
    {
      validator: (request: OperatorRequest) => {
        checkRequest(memory, request);
      },
      description: 'read the object now',
    },
  );
  setHandler(
    extendUpdate,
    async ({ seconds }) => {
      operate(memory, extendSubject(memory.subject, seconds, now()));
      return written(memory);
    },
    {
      validator: (request: OperatorRequest & { readonly seconds: number }) => {
        checkRequest(memory, request);
        if (!(request.seconds > 0 && request.seconds <= YEAR_SECONDS))
          refuse(`seconds: expected 1 to ${String(YEAR_SECONDS)}`);
      },
      description: 'give the partner more time',
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
        if (memory.subject.end !== null) refuse(FLOW_HAS_ENDED);
        if (policy.ladder.length === 0) refuse('policy: expected a ladder of at least one rung');
      },
      description: 'take over the policy in force',
    },
  );
  setHandler(
    resolveUpdate,
    async ({ by, reason, result }) => {
      operate(memory, resolveSubject(memory.rules, memory.subject, { by, reason, result }, now()));
      return written(memory);
    },
    {
      validator: (request: OperatorRequest) => {
        checkRequest(memory, request);
      },
      description: 'end the flow by hand',
    },
  );
}
