import { workflowIdOf } from '../domain/subject-key';
import { mapConcurrently } from '../lib/concurrency';
import { failureCode, failureOf } from '../temporal/errors';
import type { FlowStarter } from '../temporal/flow-client';
import type { Decision, FlowSignal, ReturnCause } from './decide';

/** A decision after its signal was sent; `runId` of the run that took the signal, null where there was none to send. */
export interface SignalledDecision {
  readonly decision: Decision;
  readonly runId: string | null;
}

interface DecisionWithSignal {
  readonly decision: Decision;
  readonly signal: FlowSignal;
}

type SignalFailure = Extract<ReturnCause, { failure: string }>;
type SignalResult = { readonly runId: string } | SignalFailure;

/** The way to Temporal, and its limits. */
interface SignalDependencies {
  readonly flows: FlowStarter;
  readonly concurrency: number;
  readonly mostRefusals: number;
}

/**
 * Decisions with their signals sent, a bounded number at once. A signal that fails makes its delivery go back, or park.
 * After the first sign that Temporal is away nothing more is sent.
 */
export async function sendSignals(
  { flows, concurrency, mostRefusals }: SignalDependencies,
  decisions: readonly Decision[],
): Promise<readonly SignalledDecision[]> {
  const results: SignalledDecision[] = decisions
    .filter(({ signal }) => signal === null)
    .map((decision) => ({ decision, runId: null }));
  let away: SignalFailure | null = null;
  await mapConcurrently(groupBySubject(decisions), concurrency, async (group) => {
    for (const { decision, signal } of group) {
      const result: SignalResult = away ?? (await send(flows, signal));
      if ('reason' in result && result.reason === 'away') away = result;
      results.push('reason' in result ? afterFailure(decision, result, mostRefusals) : { decision, ...result });
    }
  });
  return results;
}

/** Signals by their subject, in order of arrival: the order has no meaning, but outcomes are easier to follow. */
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

async function send(flows: FlowStarter, { address, notification }: FlowSignal): Promise<SignalResult> {
  try {
    return { runId: await flows.signalWithStart(address, notification) };
  } catch (error) {
    return { reason: failureOf(error), failure: failureCode(error) };
  }
}

/** A signal that Temporal refuses again and again will never be accepted: its delivery is parked for an operator to see. */
function afterFailure({ claim, event }: Decision, cause: SignalFailure, mostRefusals: number): SignalledDecision {
  const base = { claim, event, signal: null } as const;
  if (cause.reason === 'away' || claim.refusals + 1 < mostRefusals) {
    return { decision: { ...base, kind: 'returned', cause }, runId: null };
  }
  const problem = { path: 'temporal', expected: 'a signal that Temporal accepts', found: cause.failure };
  return { decision: { ...base, kind: 'parked', workflowId: null, problem }, runId: null };
}
