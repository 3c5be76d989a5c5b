import { workflowIdOf } from '../domain/subject-key';
import { mapConcurrently } from '../lib/concurrency';
import type { Claim } from '../store/deliveries/claims';
import type { Decision } from './decide';
import type { FlowStarter } from '../temporal/flow-client';
import { failureOf, failureCode } from '../temporal/errors';

export type SignalDecision = Extract<Decision, { kind: 'signal' }>;

/** How sending went: taken by a run, refused by Temporal for what it is, or not sent because Temporal is away. */
export type Sent =
  | { readonly kind: 'taken'; readonly decision: SignalDecision; readonly runId: string }
  | { readonly kind: 'refused'; readonly claim: Claim; readonly decision: SignalDecision; readonly failure: string }
  | { readonly kind: 'away'; readonly claim: Claim; readonly failure: string };

async function send(flows: FlowStarter, decision: SignalDecision): Promise<Sent> {
  const { claim, address, notification } = decision;
  try {
    const runId = await flows.signalWithStart(address, notification);
    return { kind: 'taken', decision, runId };
  } catch (error) {
    const failure = failureCode(error);
    return failureOf(error) === 'refused'
      ? { kind: 'refused', claim, decision, failure }
      : { kind: 'away', claim, failure };
  }
}

/** Deliveries of one subject follow each other in the order they came: order means nothing, but outcomes read better. */
function bySubject(decisions: readonly SignalDecision[]): SignalDecision[][] {
  const groups = new Map<string, SignalDecision[]>();
  for (const decision of decisions) {
    const workflowId = workflowIdOf(decision.address.key);
    groups.set(workflowId, [...(groups.get(workflowId) ?? []), decision]);
  }
  return [...groups.values()];
}

/** Sends signals, a bounded number at once. After the first sign that Temporal is away nothing more is sent. */
export async function sendSignals(
  flows: FlowStarter,
  decisions: readonly SignalDecision[],
  concurrency: number,
): Promise<readonly Sent[]> {
  const sent: Sent[] = [];
  let away: string | null = null;
  await mapConcurrently(bySubject(decisions), concurrency, async (group) => {
    for (const decision of group) {
      const result: Sent =
        away === null ? await send(flows, decision) : { kind: 'away', claim: decision.claim, failure: away };
      if (result.kind === 'away') away = result.failure;
      sent.push(result);
    }
  });
  return sent;
}
