import {
  allHandlersFinished,
  condition,
  continueAsNew,
  isCancellation,
  setDefaultSignalHandler,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';

import { backOffMs } from '../src/domain/back-off';
import { CLOSEST, pauseMs, quietMs } from '../src/domain/lifecycles/corporate-actions/rounds';
import { later } from '../src/domain/moments';
import { acceptActs } from './action-operators';
import type { ActionFlowState } from './action-state';
import { createActionDetails } from './action-ui';
import { actionLedger, eventsAt } from './activities';
import {
  type ActionFlowInput,
  type ActionStatus,
  actionStatusQuery,
  type RoundRequest,
  type RoundResult,
  wakeSignal,
} from './action-contract';
import { priorityOf } from './lanes';
import { now } from './timer';

/**
 * A whole corporate action followed to its end: rounds over its sets, each of which judges all that is due, until nothing
 * is owed. Nobody sends it what happened: it is woken, and looks.
 */
export async function followAction(input: ActionFlowInput): Promise<ActionStatus> {
  const state = start(input);
  for (;;) {
    state.isWoken = false;
    const beganMs = Date.now();
    const round = await actionLedger.judgeAction(roundRequest(state));
    const waitMs = await take(state, round);
    if (waitMs === null && isAtRest(state)) return state.status;
    if (workflowInfo().continueAsNewSuggested) await continueInNewRun(state);
    await waitForNews(state, waitMs, beganMs);
  }
}

function start({ action, policy, busyRounds = 0 }: ActionFlowInput): ActionFlowState {
  const state: ActionFlowState = {
    ...{ action, policy, busyRounds, isWoken: false, isEnding: false, asked: null, waits: 0 },
    status: { overview: null, nextRoundAt: null },
    details: createActionDetails(action),
  };
  setHandler(
    wakeSignal,
    () => {
      state.isWoken = true;
    },
    { description: 'there is something to look at; sent by dispatch' },
  );
  setHandler(actionStatusQuery, () => state.status, { description: 'how many sets stand how, and the worst of them' });
  setDefaultSignalHandler((name) => {
    state.details.warn(`a signal of the unknown name ${name} came and was ignored`);
  });
  acceptActs(state);
  return state;
}

function roundRequest({ action, policy, asked, busyRounds }: ActionFlowState): RoundRequest {
  return { action, policy, asked, busyRounds };
}

/** Checked and returned on in one synchronous step, or a wake-up that comes meanwhile would be lost. */
function isAtRest({ isWoken }: ActionFlowState): boolean {
  return !isWoken && allHandlersFinished();
}

/** Takes in what a round gave, and asks the partner where a set needs it. Milliseconds until the next; null: none is planned. */
async function take(state: ActionFlowState, round: RoundResult): Promise<number | null> {
  if (round.kind === 'later') {
    state.waits += 1;
    return backOffMs(BACKLOG_WAIT, state.waits - 1);
  }
  state.waits = 0;
  state.asked = null;
  state.busyRounds = round.isSettling ? state.busyRounds + round.rounds : 0;
  const { nextInMs } = round;
  const pause = nextInMs === null ? null : pauseMs(quietMs(state.policy, now()), state.busyRounds, nextInMs);
  const waitMs = round.ask === null ? pause : await askPartner(state, round.ask);
  state.status = { overview: round.overview, nextRoundAt: waitMs === null ? null : later(now(), waitMs) };
  state.details.show(round.overview);
  return waitMs;
}

const BACKLOG_WAIT = { firstMs: 500, longestMs: 60_000 };

/** Asks the partner what it has sent since the corporate action, once for all sets; what never came is booked as ever. */
async function askPartner(
  state: ActionFlowState,
  { from, asOf }: { readonly from: string; readonly asOf: string },
): Promise<number> {
  const partner = eventsAt(state.action.partner, {
    ...priorityOf(state.policy, 'judge', 'corporateAction'),
    // Without a worker that reaches this partner nobody would ever answer.
    scheduleToStartTimeout: '1m',
    retry: { initialInterval: '1s', maximumInterval: '30s' },
    summary: 'ask the partner for movements that never came',
  });
  try {
    const asked = await partner.sweepPartner({ from, to: now(), notBefore: now(), movementsOnly: true });
    if (asked.waitsForBacklog) return BACKLOG_WAIT.firstMs;
    state.asked = { result: 'reached', at: asOf };
    return asked.kept > 0 ? BACKLOG_WAIT.firstMs : 0;
  } catch (error) {
    if (isCancellation(error)) throw error;
    state.asked = { result: 'unreachable', at: asOf };
    return 0;
  }
}

/** Waits until the next round is due or somebody wakes the flow, and no less than a tenth of the quiet period in all. */
async function waitForNews(state: ActionFlowState, waitMs: number | null, beganMs: number): Promise<void> {
  if (state.asked !== null && waitMs === 0) return;
  const isNews = (): boolean => state.isWoken;
  if (waitMs === null) await condition(isNews);
  else if (waitMs > 0) await condition(isNews, waitMs, { summary: 'sets are due' });
  const restMs = Math.ceil(beganMs + quietMs(state.policy, now()) * CLOSEST - Date.now());
  if (state.isWoken && restMs > 0) await sleep(restMs, { summary: 'what comes together is judged together' });
}

/** Acts that come meanwhile are sent again to the next run: a flow that is acted on without a pause would never end its run. */
async function continueInNewRun(state: ActionFlowState): Promise<never> {
  state.isEnding = true;
  await condition(allHandlersFinished);
  const { action, policy, busyRounds } = state;
  return continueAsNew<(input: ActionFlowInput) => Promise<ActionStatus>>({
    ...{ follows: 'action', action, policy },
    busyRounds,
  });
}
