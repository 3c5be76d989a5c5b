import { ApplicationFailure, condition, currentUpdateInfo, setHandler } from '@temporalio/workflow';

import { extendSubject, refetchSubject, resolveSubject, underPolicy } from '../src/domain/operator';
import { type OperatorKind, problemOfRequest } from '../src/domain/operator-request';
import type { Policy } from '../src/domain/policy';
import { isPolicy } from '../src/domain/policy-shape';
import type { FlowAction } from '../src/domain/subject-write';
import {
  extendUpdate,
  FLOW_HAS_ENDED,
  type FlowStatus,
  type OperatorRequest,
  OUR_UPDATES,
  policyUpdate,
  refetchUpdate,
  resolveUpdate,
  rewriteUpdate,
} from './contract';
import { forgetWritten, hasUnwritten, type FlowState, operate, statusOf } from './flow-state';

function refuse(message: string): never {
  throw ApplicationFailure.nonRetryable(message, 'OperatorRequestRefused');
}

function refuseEnded(memory: FlowState): void {
  if (memory.subject.end !== null) refuse(FLOW_HAS_ENDED);
}

/** Checks what came, whatever its type says: an Update may be sent by hand, from the Temporal Web UI or its command line. */
function checking(memory: FlowState, kind: OperatorKind): (request: unknown) => void {
  return (request) => {
    refuseEnded(memory);
    const problem = problemOfRequest(kind, request);
    if (problem !== null) refuse(`${problem.path}: expected ${problem.expected}, found ${problem.found}`);
  };
}

/** What is kept of a request; one that came by none of our doors says so, for its name was checked by nobody. */
function deedOf(
  action: OperatorKind,
  { by, reason }: OperatorRequest,
  at: string,
  asked: FlowAction['details'] = {},
): FlowAction {
  const requestId = currentUpdateInfo()?.id ?? 'none';
  const details = requestId.startsWith(OUR_UPDATES) ? asked : { ...asked, via: 'temporal' };
  return { requestId, at, by, action, reason, details };
}

/** Waits until an operator's change stands in the row, so that who asked sees it there. */
async function written(memory: FlowState): Promise<FlowStatus> {
  await condition(() => !hasUnwritten(memory));
  return statusOf(memory);
}

/** Takes over the policy in force. */
function acceptPolicy(memory: FlowState, now: () => string): void {
  setHandler(
    policyUpdate,
    async (policy: Policy) => {
      memory.rules = { ...memory.rules, policy };
      operate(memory, underPolicy(memory.rules, memory.subject, now()), null);
      return written(memory);
    },
    {
      validator: (policy: unknown) => {
        refuseEnded(memory);
        if (!isPolicy(policy)) refuse('policy: expected what `partnerflow policy --json` prints of a subject');
      },
      description: 'take over the policy in force; sent by `partnerflow policy apply`',
    },
  );
}

/** Holds the row against what the flow knows; asked by `partnerflow reconcile`. */
function acceptRewrite(memory: FlowState): void {
  setHandler(
    rewriteUpdate,
    async () => {
      forgetWritten(memory);
      return written(memory);
    },
    { validator: checking(memory, 'rewrite'), description: 'write the row again, or take over one that has moved on' },
  );
}

/** Operators act through Updates; nonsense is refused before it enters the history. */
export function acceptOperators(memory: FlowState, now: () => string): void {
  setHandler(
    refetchUpdate,
    (request) => {
      operate(memory, refetchSubject(memory.subject, now()), deedOf('refetch', request, now()));
      return statusOf(memory);
    },
    { validator: checking(memory, 'refetch'), description: 'read the object at the partner now: {by, reason}' },
  );
  setHandler(
    extendUpdate,
    async (request) => {
      const { seconds } = request;
      operate(memory, extendSubject(memory.subject, seconds, now()), deedOf('extend', request, now(), { seconds }));
      return written(memory);
    },
    {
      validator: checking(memory, 'extend'),
      description: 'give the partner more time: {by, reason, seconds}, what is owed is due so many seconds from now',
    },
  );
  setHandler(
    resolveUpdate,
    async (request) => {
      const { by, reason, result } = request;
      const resolved = resolveSubject(memory.rules, memory.subject, { by, reason, result }, now());
      operate(memory, resolved, deedOf('resolve', request, now(), { result }));
      return written(memory);
    },
    {
      validator: checking(memory, 'resolve'),
      description:
        'end the flow by hand: {by, reason, result: done or failed}; its state stays what the partner said last',
    },
  );
  acceptPolicy(memory, now);
  acceptRewrite(memory);
}
