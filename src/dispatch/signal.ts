import { setTimeout as delay } from 'node:timers/promises';

import type { Partner } from '../domain/partner';
import { workflowIdOf } from '../domain/subject-key';
import type { Slots } from '../lib/concurrency';
import { failureCode, failureOf, isSetUpFailure } from '../temporal/errors';
import type { FlowStarter } from '../temporal/flow-client';
import type { Decision, FlowSignal, ReturnCause } from './decision';
import { afterFailure, signalProblem } from './failure';

/** A decision after its signal was sent; `runId` of the run that took the signal, null where there was none to send. */
export interface SignalledDecision {
  readonly decision: Decision;
  readonly runId: string | null;
}

interface DecisionWithSignal {
  readonly decision: Decision;
  readonly signal: FlowSignal;
}

/** The way to Temporal, and its limits. */
export interface SignalDependencies {
  readonly flows: FlowStarter;
  readonly slots: Slots;
  readonly mostTries: number;
  /** True while a partner with a backlog makes one call at a time, so that another one does not wait behind it. */
  readonly yields?: (partner: Partner) => boolean;
  /** True once this process stops: what was not sent yet goes back. */
  readonly isStopping?: () => boolean;
}

/** Time in milliseconds after which the decisions that are ready do not wait for the slow ones any longer. */
const SLOW_MS = 250;

/**
 * Decisions with their signals sent, in groups: those that go quickly together, the slow ones as they come. One subject
 * that Temporal does not take keeps none of the others waiting.
 */
export async function* sendSignals(
  dependencies: SignalDependencies,
  decisions: readonly Decision[],
): AsyncGenerator<readonly SignalledDecision[]> {
  const ready: SignalledDecision[] = decisions
    .filter(({ signal }) => signal === null)
    .map((decision) => ({ decision, runId: null }));
  const sending = sendAll(dependencies, decisions, (result) => ready.push(result)).then(() => 'sent' as const);
  for (let step: 'sent' | undefined; step !== 'sent';) {
    step = await Promise.race([sending, delay(SLOW_MS, undefined, { ref: false })]);
    const group = ready.splice(0);
    if (group.length > 0) yield group;
  }
}

/** Sends the signals of different subjects side by side, those of one subject one after the other. */
async function sendAll(
  dependencies: SignalDependencies,
  decisions: readonly Decision[],
  done: (result: SignalledDecision) => void,
): Promise<void> {
  const outage = createOutage(dependencies.flows);
  if (dependencies.flows.isKnownAway()) await outage.check('gRPC code 14');
  await Promise.all(groupBySubject(decisions).map((group) => sendInOrder(dependencies, outage, group, done)));
}

/** An outage of Temporal as this batch has noticed it; nothing more is sent after the first sign of it. */
interface Outage {
  /** The cause with which unsent deliveries go back; null while there is no outage. */
  readonly cause: () => ReturnCause | null;
  check(failure: string): Promise<void>;
}

function createOutage(flows: FlowStarter): Outage {
  let cause: ReturnCause | null = null;
  return {
    cause: () => cause,
    check: async (failure) => {
      if (await flows.isAway()) cause = { reason: 'away', failure };
    },
  };
}

async function sendInOrder(
  dependencies: SignalDependencies,
  outage: Outage,
  group: readonly DecisionWithSignal[],
  done: (result: SignalledDecision) => void,
): Promise<void> {
  let behind: ReturnCause | null = null;
  for (const { decision, signal } of group) {
    const { partner } = decision.claim;
    const call = async (): Promise<SignalledDecision> => {
      const unsent: ReturnCause | null =
        behind ?? outage.cause() ?? (dependencies.isStopping?.() === true ? { reason: 'unsent' } : null);
      return unsent === null ? send(dependencies, outage, decision, signal) : returned(decision, unsent);
    };
    const result = await dependencies.slots.run(partner, call, { isAlone: dependencies.yields?.(partner) ?? false });
    if (result.decision.kind === 'returned') behind = { reason: 'behind' };
    done(result);
  }
}

async function send(
  { flows, mostTries }: SignalDependencies,
  outage: Outage,
  decision: Decision,
  { address, notification }: FlowSignal,
): Promise<SignalledDecision> {
  try {
    return { decision, runId: await flows.signalWithStart(address, notification) };
  } catch (error) {
    const failure = failureCode(error);
    // A missing search attribute is our set-up: parking every delivery for it would be wrong.
    if (isSetUpFailure(error)) return returned(decision, { reason: 'away', failure });
    // What speaks of the request itself is no sign of an outage; of anything else Temporal has to show whose it is.
    if (failureOf(error) === 'away') await outage.check(failure);
    const cause = outage.cause();
    if (cause !== null) return returned(decision, cause);
    return { decision: afterFailure(decision, signalProblem(failure), mostTries), runId: null };
  }
}

function returned({ claim, event }: Decision, cause: ReturnCause): SignalledDecision {
  return { decision: { claim, event, signal: null, kind: 'returned', cause }, runId: null };
}

/** Signals by their subject, in order of arrival. */
function groupBySubject(decisions: readonly Decision[]): DecisionWithSignal[][] {
  const groups = new Map<string, DecisionWithSignal[]>();
  for (const decision of decisions) {
    const { signal } = decision;
    if (signal === null) continue;
    const workflowId = workflowIdOf(signal.address.key);
    groups.set(workflowId, [...(groups.get(workflowId) ?? []), { decision, signal }]);
  }
  return [...groups.values()];
}
