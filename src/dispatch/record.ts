import type { Kysely, Transaction } from 'kysely';
import type { Logger } from 'pino';

import { kindOf } from '../domain/lifecycles/kinds';
import type { SubjectDetails } from '../domain/details';
import type { CallToAct, LateNews } from '../domain/notification';
import type { Subject } from '../domain/subject';
import { workflowIdOf } from '../domain/subject-key';
import { bookAll, type BookingRules } from '../ledger/book';
import type { ReadyEntry } from '../ledger/decided';
import { type DeliveryDecision, ensureSubjectRows, recordDecisions } from '../store/deliveries/claims';
import type { Claim } from '../store/deliveries/due';
import { recordUnread } from '../store/deliveries/unread';
import { recordDetails, type ReferenceKeys, type ToldDetails } from '../store/flows/details';
import { recordSubject } from '../store/flows/recorded';
import { updateClosedSubject } from '../store/flows/subjects';
import { type AlertCause, raiseAlerts } from '../store/outbox/alerts';
import type { Tables } from '../store/schema/tables';
import { addRecovered } from '../store/stats/counters';
import { countDeprecated } from '../store/stats/deprecated';
import type { FlowAddress } from '../temporal/flow-client';
import type { Decision } from './decision';
import { giveBack, type ReturnedClaim } from './give-back';
import type { SignalledDecision } from './signal';
import type { DispatchWatch } from './watch';

interface RecordDependencies extends BookingRules, ReferenceKeys {
  readonly database: Kysely<Tables>;
  readonly logger: Logger;
  readonly watch?: DispatchWatch;
}

/**
 * The record of a batch: all its decisions in one transaction, after which what has to wait goes back. Returns
 * `temporal-away` where something waits for Temporal.
 */
export async function recordBatch(
  dependencies: RecordDependencies,
  decisions: readonly SignalledDecision[],
): Promise<'done' | 'temporal-away'> {
  const writes = decisions.map(writesOf);
  const saidBy: SaidBy = new Map(decisions.map(({ decision }) => [decision.claim.id, decision]));
  const { recorded, understood } = await dependencies.database
    .transaction()
    .execute((transaction) => record(transaction, writes, saidBy, dependencies));
  dependencies.watch?.recorded(recorded, understood);
  const returned = writes.flatMap((one) => one.returned ?? []);
  await giveBack(dependencies, returned);
  return returned.some(({ reason }) => reason === 'away') ? 'temporal-away' : 'done';
}

/** Part of a delivery that decides nothing, by its id. */
type SaidBy = ReadonlyMap<string, Pick<Decision, 'details' | 'unread'>>;

/** The writes of one decision: each is absent where the decision has none of its kind. */
interface Writes {
  readonly row?: DeliveryDecision;
  readonly booking?: ReadyEntry;
  /** The flow that took the signal. */
  readonly followedBy?: FlowAddress;
  readonly late?: { readonly address: FlowAddress; readonly news: LateNews };
  readonly subject?: { readonly subject: Subject; readonly callToAct: CallToAct | null };
  readonly returned?: ReturnedClaim;
}

function writesOf({ decision, runId }: SignalledDecision): Writes {
  const { claim, event } = decision;
  const delivered = { claim, event, status: 'delivered' } as const;
  switch (decision.kind) {
    case 'returned':
      return { returned: { claim, ...decision.cause } };
    case 'parked': {
      const { workflowId, problem } = decision;
      return { row: { claim, event, workflowId, status: 'parked', problem } };
    }
    case 'duplicate':
      return { row: { claim, event, workflowId: decision.workflowId, status: 'duplicate' } };
    case 'late': {
      const { address, news } = decision;
      const workflowId = workflowIdOf(address.key);
      return { row: { ...delivered, workflowId, outcome: 'late', runId: null }, late: { address, news } };
    }
    case 'recorded': {
      const { subject, callToAct, isIllegal } = decision;
      const workflowId = workflowIdOf(subject);
      if (isIllegal) return { row: { ...delivered, workflowId, outcome: 'illegal', runId: null } };
      return { row: { ...delivered, workflowId, outcome: 'applied', runId: null }, subject: { subject, callToAct } };
    }
    case 'booked':
      return { booking: { entry: decision.entry, runId } };
    case 'signalled': {
      // Its flow writes the outcome once it has folded the notification.
      const { address } = decision.signal;
      const workflowId = workflowIdOf(address.key);
      return { row: { ...delivered, workflowId, outcome: null, runId }, followedBy: address };
    }
  }
}

/** Decisions of a batch that were recorded. */
interface Recorded {
  /** Those that stand in the rows: not those whose lease another dispatcher has taken over. */
  readonly recorded: readonly DeliveryDecision[];
  /** Those on deliveries that are not parked; also where a flow was faster with its outcome than this record. */
  readonly understood: readonly DeliveryDecision[];
}

/** Record of writes in a transaction. The order is that of the locks. */
async function record(
  transaction: Transaction<Tables>,
  writes: readonly Writes[],
  saidBy: SaidBy,
  rules: BookingRules & ReferenceKeys,
): Promise<Recorded> {
  const ready = writes.flatMap(({ booking }) => booking ?? []);
  const booked = await bookAll(transaction, inOrderOfArrival(ready), rules);
  const flows = writes.flatMap(({ followedBy }) => followedBy ?? []);
  await ensureSubjectRows(
    transaction,
    flows.map(({ key, table }) => ({ ...key, workflowId: workflowIdOf(key), lifecycle: table.lifecycle })),
  );
  const rows = [...writes.flatMap(({ row }) => row ?? []), ...booked.decisions].map((row) =>
    row.status === 'parked' ? row : { ...row, unread: saidBy.get(row.claim.id)?.unread },
  );
  const owned = new Set(await recordDecisions(transaction, rows));
  const recorded = rows.filter(({ claim }) => owned.has(claim.id));
  const understood = rows.filter(({ status }) => status !== 'parked');
  await recordDetails(
    transaction,
    rules,
    understood.flatMap((row) => toldDetails(row, saidBy.get(row.claim.id)?.details)),
  );
  await recordUnread(transaction, understood);
  await countDeprecated(
    transaction,
    understood.flatMap((one) => deprecatedOf(rules, one)),
  );
  const ownedWrites = writes.filter(({ row }) => row !== undefined && owned.has(row.claim.id));
  const causes = [
    ...booked.causes,
    ...(await recordSubjects(transaction, ownedWrites)),
    ...(await recordLate(transaction, ownedWrites)),
    ...recorded.flatMap(parkedCause),
  ];
  for (const { partner, count } of booked.recovered) await addRecovered(transaction, partner, count);
  await raiseAlerts(transaction, causes, rules.policies.alertWindowMs);
  return { recorded, understood };
}

/** Details that a delivery gives its subject. One that comes after the end, or contradicts, only fills what is missing. */
function toldDetails(row: DeliveryDecision, details: SubjectDetails = {}): readonly ToldDetails[] {
  const { claim, workflowId } = row;
  if (row.status !== 'delivered' || workflowId === null) return [];
  const base = { workflowId, partner: claim.partner };
  if (row.outcome === 'late' || row.outcome === 'illegal') {
    const { userId, reference } = details;
    const whose = { ...(userId === undefined ? {} : { userId }), ...(reference === undefined ? {} : { reference }) };
    return [{ ...base, toldAt: null, details: whose }];
  }
  return [{ ...base, toldAt: toldAt(claim, details), details }];
}

/** The age of what a delivery says: what was swept may have happened long before. */
function toldAt({ source, receivedAt }: Claim, { changedAt }: SubjectDetails): Date {
  const changedMs = source === 'sweep' && changedAt !== undefined ? Date.parse(changedAt) : NaN;
  return Number.isNaN(changedMs) ? receivedAt : new Date(changedMs);
}

/** The event of a delivery where its partner has replaced it by another version. */
function deprecatedOf({ partners }: BookingRules, { claim, event }: DeliveryDecision) {
  const { partner } = claim;
  const events = partners.module(partner)?.events ?? [];
  const isDeprecated = events.some((one) => one.event === event && one.isDeprecated);
  return event === null || !isDeprecated ? [] : [{ partner, event }];
}

/** In the order of arrival: the first of two equal movements is the one that is booked. */
function inOrderOfArrival(ready: readonly ReadyEntry[]): readonly ReadyEntry[] {
  return [...ready].sort((a, b) => (BigInt(a.entry.claim.position) < BigInt(b.entry.claim.position) ? -1 : 1));
}

/** Writes subjects that no flow follows; those that somebody has to act on are alerted. */
async function recordSubjects(
  transaction: Transaction<Tables>,
  writes: readonly Writes[],
): Promise<readonly AlertCause[]> {
  const subjects = writes.flatMap(({ subject }) => subject ?? []);
  for (const { subject } of subjects) await recordSubject(transaction, subject);
  return subjects.flatMap(({ subject, callToAct }) =>
    callToAct === null ? [] : [{ partner: subject.partner, finding: callToAct, example: workflowIdOf(subject) }],
  );
}

/** A late notification that contradicts the end leaves a finding on the closed subject; folded under the row's lock. */
async function recordLate(transaction: Transaction<Tables>, writes: readonly Writes[]): Promise<readonly AlertCause[]> {
  const causes: AlertCause[] = [];
  for (const { address, news } of writes.flatMap(({ late }) => late ?? [])) {
    const workflowId = workflowIdOf(address.key);
    await updateClosedSubject(transaction, workflowId, (subject) => {
      const now = new Date().toISOString();
      const folded = kindOf(address.table.lifecycle).foldLate(address, subject, news, now);
      causes.push(...folded.alerts.map((finding) => ({ partner: address.key.partner, finding, example: workflowId })));
      return folded.subject;
    });
  }
  return causes;
}

function parkedCause({ claim, status }: DeliveryDecision): readonly AlertCause[] {
  return status === 'parked' ? [{ partner: claim.partner, finding: 'parked', example: claim.id }] : [];
}
