import type { Played } from '../simulator/server';
import type { Sent } from '../simulator/sender';
import type { Expected } from '../simulator/script';
import type { FlowView, OperationsClient } from './operations-client';

/** End of an object, and the differences from its script. */
export interface Checked {
  readonly played: Played;
  readonly flow: FlowView | null;
  readonly differences: readonly string[];
}

/** Comparison of an object's flow and deliveries with its script. */
export async function check(client: OperationsClient, played: Played, allSent: readonly Sent[]): Promise<Checked> {
  const { expected } = played.script;
  const sent = allSent.filter(({ objectId }) => objectId === played.objectId);
  const flow = await client.flow(played.workflowId);
  const became = await deliveriesOf(client, played, sent);
  const rejected = sent.filter(({ answer }) => answer === 401).length;
  const answerLost = sent.filter(({ deliveryId, answer }) => deliveryId === null && answer !== 401).length;
  const expectedCounts = { ...expected.outcomes, duplicate: expected.duplicate, parked: expected.parked };
  const total = Object.values(expectedCounts).reduce((sum, number) => sum + number, 0);
  const counted = answerLost === 0 ? inWords(count(became)) : `${became.length + answerLost} kept`;
  const differences = [
    ...compareWords('state', String(expected.state), String(flow?.state ?? null)),
    ...compareWords('end', String(expected.endBy), String(flow?.end?.by ?? null)),
    ...compareWords('open', String(expected.open), String(flow?.open ?? false)),
    ...compareWords('overdue', String(expected.overdue), String(flow?.overdue ?? false)),
    ...findingsDiffer(
      expected.findings,
      (flow?.findings ?? []).map(({ finding }) => finding),
    ),
    ...detailsDiffer(expected, flow),
    ...compareWords('deliveries', answerLost === 0 ? inWords(expectedCounts) : `${total} kept`, counted),
    ...compareWords('rejected', String(expected.rejected), String(rejected)),
  ];
  return { played, flow, differences };
}

/** Deliveries of the object: those that the receiver gave an id to, and those that a sweep found for it. */
async function deliveriesOf(
  client: OperationsClient,
  { script, workflowId }: Played,
  sent: readonly Sent[],
): Promise<readonly string[]> {
  const ids = [...new Set(sent.flatMap(({ deliveryId }) => (deliveryId === null ? [] : [deliveryId])))];
  const found = await Promise.all(ids.map((id) => client.delivery(id)));
  // For a corporate action the partner is asked before anything is called lost.
  const isSwept = script.steps.some((step) => step.do === 'sweep' || step.do === 'lose');
  const swept = isSwept ? (await client.deliveriesOf(workflowId)).filter(({ source }) => source === 'sweep') : [];
  return [...found, ...swept].map((delivery) => delivery?.outcome ?? delivery?.status ?? 'missing');
}

type Counts = Readonly<Record<string, number>>;

function inWords(counts: Counts): string {
  const present = Object.entries(counts).filter(([, number]) => number > 0);
  const words = present.sort().map(([word, number]) => `${number} ${word}`);
  return words.length === 0 ? 'none' : words.join(', ');
}

function count(words: readonly string[]): Counts {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}

function compareWords(what: string, expected: string, found: string): readonly string[] {
  return expected === found ? [] : [`${what}: expected ${expected}, found ${found}`];
}

function findingsDiffer(expected: Expected['findings'], found: readonly string[]): readonly string[] {
  if ('exactly' in expected) return compareWords('findings', expected.exactly.join(', '), found.join(', '));
  const strange = found.filter((finding) => !expected.among.some((one) => one === finding));
  return strange.length === 0
    ? []
    : [`findings: expected among ${expected.among.join(', ')}, found ${strange.join(', ')}`];
}

/** Differences in what only some scripts expect. */
function detailsDiffer({ owes, recurrences, facts = {} }: Expected, flow: FlowView | null): readonly string[] {
  const objects = (flow?.waitingFor ?? []).map((word) => word.split(':')[0] ?? '');
  const states = (flow?.recurrences ?? []).map(({ state }) => state).join(', ');
  return [
    ...(owes === undefined ? [] : compareWords('owes', owes.join(', '), objects.join(', '))),
    ...(recurrences === undefined ? [] : compareWords('recurrences', recurrences.join(', '), states)),
    ...Object.entries(facts).flatMap(([name, value]) => compareWords(name, value, flow?.facts[name] ?? 'nothing')),
  ];
}
