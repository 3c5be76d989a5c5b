import { ApplicationFailure, condition, currentUpdateInfo, setHandler } from '@temporalio/workflow';

import { extendSubject, refetchSubject, resolveSubject, underPolicy } from '../src/domain/operator';
import { problemOfExpectation } from '../src/domain/expectation';
import { type OperatorKind, problemOfRequest } from '../src/domain/operator-request';
import type { Rules } from '../src/domain/lifecycles/rules';
import { tellExpectation } from '../src/domain/lifecycles/states/tell-expectation';
import type { Policy } from '../src/domain/policy';
import { problemText } from '../src/domain/problem';
import { isPolicy } from '../src/domain/policy-shape';
import type { Subject } from '../src/domain/subject';
import type { FlowAction } from '../src/domain/subject-write';
import {
  expectUpdate,
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
import { type FlowState, foldChange, hasUnwritten, statusOf, takeAction } from './flow-state';
import { now } from './timer';
import { forgetWritten } from './writes';

/** The handlers of Updates, through which operators act; a request with a problem is refused before it enters the history. */
export function acceptOperators(flowState: FlowState): void {
  setHandler(
    refetchUpdate,
    (request) => {
      const refetch = (_rules: Rules, subject: Subject): Subject => refetchSubject(subject, now());
      takeAction(flowState, refetch, actionOf('refetch', request, now()));
      return statusOf(flowState);
    },
    { validator: checking(flowState, 'refetch'), description: 'read the object at the partner now: {by, reason}' },
  );
  setHandler(
    extendUpdate,
    async (request) => {
      const { seconds } = request;
      const extend = (_rules: Rules, subject: Subject): Subject => extendSubject(subject, seconds, now());
      takeAction(flowState, extend, actionOf('extend', request, now(), { seconds }));
      return written(flowState);
    },
    {
      validator: checking(flowState, 'extend'),
      description: 'give the partner more time: {by, reason, seconds}, what is owed is due so many seconds from now',
    },
  );
  setHandler(
    resolveUpdate,
    async (request) => {
      const { by, reason, result } = request;
      const resolve = (rules: Rules, subject: Subject): Subject =>
        resolveSubject(rules, subject, { by, reason, result }, now());
      takeAction(flowState, resolve, actionOf('resolve', request, now(), { result }));
      return written(flowState);
    },
    {
      validator: checking(flowState, 'resolve'),
      description:
        'end the flow by hand: {by, reason, result: done or failed}; its state stays what the partner said last',
    },
  );
  acceptPolicy(flowState);
  acceptExpectation(flowState);
  acceptRewrite(flowState);
}

/** The Update that takes over the policy in force. */
function acceptPolicy(flowState: FlowState): void {
  setHandler(
    policyUpdate,
    async (policy: Policy) => {
      flowState.rules = { ...flowState.rules, policy };
      takeAction(flowState, (rules, subject) => underPolicy(rules, subject, now()), null);
      return written(flowState);
    },
    {
      validator: (policy: unknown) => {
        refuseEnded(flowState);
        if (!isPolicy(policy)) refuse('policy: expected what `partnerflow policy --json` prints of a subject');
      },
      description: 'take over the policy in force; sent by `partnerflow policy apply`',
    },
  );
}

/** The Update that tells what our own backend expects; nothing is asked of the partner before it is due. */
function acceptExpectation(flowState: FlowState): void {
  setHandler(
    expectUpdate,
    async (expectation) => {
      const { answer } = tellExpectation(flowState.rules, flowState.subject, expectation, now());
      foldChange(flowState, (rules, subject) => tellExpectation(rules, subject, expectation, now()));
      await written(flowState);
      return answer;
    },
    {
      validator: (expectation: unknown) => {
        if (flowState.subject.closedForGood) refuse(FLOW_HAS_ENDED);
        const problem = problemOfExpectation(expectation);
        if (problem !== null) refuse(problemText(problem));
      },
      description: 'tell what is expected of the partner: {kind, dueWithinMs, validUntil, sum}; sent by partnerflow',
    },
  );
}

/** The Update that holds the row against what the flow knows; asked by `partnerflow reconcile`. */
function acceptRewrite(flowState: FlowState): void {
  setHandler(
    rewriteUpdate,
    async () => {
      forgetWritten(flowState);
      return written(flowState);
    },
    {
      validator: checking(flowState, 'rewrite'),
      description: 'write the row again, or take over one that has moved on',
    },
  );
}

/** The status after an operator's change stands in the row, so that who asked sees it there. */
async function written(flowState: FlowState): Promise<FlowStatus> {
  await condition(() => !hasUnwritten(flowState));
  return statusOf(flowState);
}

/**
 * The action that is kept of a request; one that came past the operations API and the command line says so, for its
 * name was checked by nobody.
 */
function actionOf(
  action: OperatorKind,
  { by, reason }: OperatorRequest,
  at: string,
  asked: FlowAction['details'] = {},
): FlowAction {
  const requestId = currentUpdateInfo()?.id ?? 'none';
  const details = requestId.startsWith(OUR_UPDATES) ? asked : { ...asked, via: 'temporal' };
  return { requestId, at, by, action, reason, details };
}

/**
 * The validator of an Update: it checks what came, whatever its type says. An Update may be sent by hand, from the
 * Temporal Web UI or its command line.
 */
function checking(flowState: FlowState, kind: OperatorKind): (request: unknown) => void {
  return (request) => {
    refuseEnded(flowState);
    const problem = problemOfRequest(kind, request);
    if (problem !== null) refuse(`${problem.path}: expected ${problem.expected}, found ${problem.found}`);
  };
}

function refuseEnded(flowState: FlowState): void {
  if (flowState.subject.end !== null) refuse(FLOW_HAS_ENDED);
}

function refuse(message: string): never {
  throw ApplicationFailure.nonRetryable(message, 'OperatorRequestRefused');
}
