import type { FlowView } from '../src/development/operations-client';
import type { Expected } from '../src/simulator/script';
import type { Sent } from '../src/simulator/sender';
import type { Played } from '../src/simulator/server';
import { sentBy } from './delivery-problems';
import type { Place } from './place';

/** Findings that a fault of time or of a read makes: the partner was late for us, or could not be asked. */
const OF_FAULTS: ReadonlySet<string> = new Set(['missed', 'slow', 'unreachable', 'absent']);

/** Every subject is as its script says, or says by a finding why not. */
export async function subjectProblems(place: Place, played: readonly Played[]): Promise<readonly string[]> {
  const sent = sentBy(place);
  const heard = new Map(played.map((one) => [one, isHeard(place, one, sent)]));
  // All holders of one spin-off are judged by each other.
  const holdersHeard = played.every((one) => one.script.books !== true || heard.get(one) === true);
  const alerts = await place.database.kysely.selectFrom('alerts').select('finding').distinct().execute();
  const isTooLate = alerts.some(({ finding }) => LATE_CONFIRMATIONS.has(finding));
  const problems: string[] = [];
  for (const one of played) {
    const flow = one.workflowId === '' ? null : await place.operations.flow(one.workflowId);
    const isWhole = heard.get(one) === true && (one.script.books !== true || holdersHeard);
    const found = isWhole ? differences(one.script.expected, flow, isTooLate) : unnamedLoss(one.script.expected, flow);
    const booked = one.script.books === true && isWhole ? await bookedProblems(place, one) : [];
    problems.push(
      ...[...found, ...booked].map((text) => `${one.script.name} ${one.workflowId}: ${text} (${shown(flow)})`),
    );
  }
  return problems;
}

/** The flow in a few words, for whoever has to find out why. */
function shown(flow: FlowView | null): string {
  if (flow === null) return 'no flow';
  const { end, findings, waitingFor } = flow;
  const found = findings.map(({ finding }) => finding).join(', ');
  return `end by ${end?.by ?? 'nobody'}, findings ${found || 'none'}, waits for ${waitingFor.join(', ') || 'nothing'}`;
}

/** True where each webhook of the object, and of those beside it, was taken in the end. */
function isHeard({ simulators }: Place, { script, objectId }: Played, sent: readonly Sent[]): boolean {
  const objects = simulators[script.partner]?.objects() ?? [];
  const related = Object.values(objects.find(({ id }) => id === objectId)?.related ?? {});
  const ids = new Set([objectId, ...related]);
  const webhooks: boolean[] = [];
  for (const { objectId: id, manner, attempt, answer } of sent) {
    if (!ids.has(id) || manner === 'forged') continue;
    const isTaken = answer !== null && answer < 300;
    if (attempt === 1) webhooks.push(isTaken);
    else webhooks[webhooks.length - 1] = isTaken || webhooks.at(-1) === true;
  }
  return webhooks.every(Boolean);
}

/** Alerts that say that a plan could not be confirmed in time, which the partner then reports. */
const LATE_CONFIRMATIONS: ReadonlySet<string> = new Set(['unconfirmed', 'too-late']);

const LATE: ReadonlySet<string> = new Set(['not_confirmed', 'too-late']);
/** A plan that is canceled before a recurrence of it was decided on does not wait for what becomes of that one. */
const UNDECIDED = 'upcoming';

function differences(expected: Expected, flow: FlowView | null, isTooLate: boolean): readonly string[] {
  const found = (flow?.findings ?? []).map(({ finding }) => finding);
  const wanted: readonly string[] = 'exactly' in expected.findings ? expected.findings.exactly : [];
  const allowed: readonly string[] =
    'exactly' in expected.findings ? expected.findings.exactly : expected.findings.among;
  const swallowed = wanted.filter((finding) => !found.includes(finding));
  const strange = found.filter((finding) => !allowed.includes(finding) && !OF_FAULTS.has(finding));
  const owed = (flow?.waitingFor ?? []).map((word) => word.split(':')[0] ?? '').join(', ');
  const states = (flow?.recurrences ?? []).map(({ state }) => state);
  const recurrences = states.join(', ');
  const isExcused = (isTooLate && states.some((state) => LATE.has(state))) || states.includes(UNDECIDED);
  return [
    ...differs('state', String(expected.state), String(flow?.state ?? null)),
    ...differs('open', String(expected.open), String(flow?.open ?? false)),
    ...swallowed.map((finding) => `the finding ${finding} is missing`),
    ...strange.map((finding) => `found ${finding}, which nothing explains`),
    ...(expected.owes === undefined ? [] : differs('owes', expected.owes.join(', '), owed)),
    ...(expected.recurrences === undefined || isExcused
      ? []
      : differs('recurrences', expected.recurrences.join(', '), recurrences)),
    ...Object.entries(expected.facts ?? {}).flatMap(([name, value]) =>
      differs(name, value, flow?.facts[name] ?? 'nothing'),
    ),
  ];
}

function differs(what: string, expected: string, found: string): readonly string[] {
  return expected === found ? [] : [`${what}: expected ${expected}, found ${found}`];
}

/** A subject of which the partner's word was lost on its way: nobody has heard of it, it stands right, or it says that something is wrong. */
function unnamedLoss(expected: Expected, flow: FlowView | null): readonly string[] {
  if (flow === null || flow.lifecycle === 'recorded' || flow.state === expected.state) return [];
  if (flow.findings.length > 0 || flow.overdue || flow.open) return [];
  return [`ended as ${String(flow.state)} without a finding, the partner says ${String(expected.state)}`];
}

/** Every movement that was told is booked once. */
async function bookedProblems({ database }: Place, { workflowId, script }: Played): Promise<readonly string[]> {
  if (script.expected.state !== 'spin_off') return [];
  const { count } = await database.kysely
    .selectFrom('movements')
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .where('workflow_id', '=', workflowId)
    .executeTakeFirstOrThrow();
  return differs('booked movements', String(script.expected.outcomes.applied ?? 0), count);
}
