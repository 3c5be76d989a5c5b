import { ApplicationFailure, currentUpdateInfo, setHandler } from '@temporalio/workflow';

import { type OperatorKind, problemOfRequest } from '../src/domain/operator-request';
import { isPolicy } from '../src/domain/policy-shape';
import type { FlowAction } from '../src/domain/subject-write';
import { actionLedger } from './activities';
import {
  actOnSetsUpdate,
  type ActResult,
  extendSetUpdate,
  type OfOneSet,
  policyOfActionUpdate,
  refetchSetUpdate,
  resolveSetUpdate,
} from './action-contract';
import type { ActionFlowState } from './action-state';
import { FLOW_GOES_ON, FLOW_HAS_ENDED, type OperatorRequest, OUR_UPDATES } from './contract';
import { now } from './timer';

/** The handlers of Updates, through which operators act on sets; a request with a problem is refused before it enters the history. */
export function acceptActs(state: ActionFlowState): void {
  setHandler(refetchSetUpdate, (request) => act(state, 'refetch', request, {}), {
    validator: checking(state, 'refetch'),
    description: 'ask the partner, and judge the set of one user anew: {by, reason, userId}',
  });
  setHandler(extendSetUpdate, (request) => act(state, 'extend', request, { seconds: request.seconds }), {
    validator: checking(state, 'extend'),
    description: 'give the set of one user more time: {by, reason, seconds, userId}',
  });
  setHandler(resolveSetUpdate, (request) => act(state, 'resolve', request, { result: request.result }), {
    validator: checking(state, 'resolve'),
    description: 'end the set of one user by hand: {by, reason, result: done or failed, userId}',
  });
  setHandler(actOnSetsUpdate, ({ request }) => change(state, request), {
    validator: (given: unknown) => {
      if (!isRecord(given) || typeof given.request !== 'string') refuse('request: expected the id of stored acts');
    },
    description: 'do the acts on many sets that are stored under {request}; sent by partnerflow',
  });
  setHandler(
    policyOfActionUpdate,
    async (policy) => {
      state.policy = policy;
      await change(state, null);
      return state.status;
    },
    {
      validator: (policy: unknown) => {
        refuseEnding(state);
        if (!isPolicy(policy)) refuse('policy: expected what `partnerflow policy --json` prints of a subject');
      },
      description: 'take over the policy in force; sent by `partnerflow policy apply`',
    },
  );
}

async function act(
  state: ActionFlowState,
  action: OperatorKind,
  { by, reason, userId }: OperatorRequest & OfOneSet,
  asked: FlowAction['details'],
): Promise<ActResult> {
  const requestId = currentUpdateInfo()?.id ?? 'none';
  const details = requestId.startsWith(OUR_UPDATES) ? asked : { ...asked, via: 'temporal' };
  const done = { requestId, at: now(), by, action, reason, details };
  const result = await actionLedger.actOnSet({ action: state.action, policy: state.policy, userId, act: done });
  if (result === 'ended') refuse(FLOW_HAS_ENDED);
  state.isWoken = true;
  return result;
}

async function change(state: ActionFlowState, request: string | null): Promise<number> {
  const count = await actionLedger.changeSets({ action: state.action, policy: state.policy, request });
  state.isWoken = true;
  return count;
}

/** The validator of an Update: it checks what came, whatever its type says, since one may be sent by hand. */
function checking(state: ActionFlowState, kind: OperatorKind): (request: unknown) => void {
  return (request) => {
    refuseEnding(state);
    if (!isRecord(request)) refuse('request: expected an object');
    const { userId, ...others } = request;
    if (typeof userId !== 'string' || userId === '') refuse('userId: expected the user whose set it is');
    const problem = problemOfRequest(kind, others);
    if (problem !== null) refuse(`${problem.path}: expected ${problem.expected}, found ${problem.found}`);
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refuseEnding({ isEnding }: ActionFlowState): void {
  if (isEnding) refuse(FLOW_GOES_ON);
}

function refuse(message: string): never {
  throw ApplicationFailure.nonRetryable(message, 'OperatorRequestRefused');
}
