import type { Kysely, Transaction } from 'kysely';

import type { BookedLeg } from '../domain/booking';
import { foldLate } from '../domain/lifecycles/states/fold-notification';
import { bookingOf } from '../domain/notification';
import { workflowIdOf } from '../domain/subject-key';
import type { Policies } from '../domain/lifecycles/rules';
import { type AlertCause, raiseAlerts } from '../store/outbox/alerts';
import {
  type Claim,
  ensureSubjectRows,
  type EventKey,
  registerKeys,
  release,
  repeatsOfIllegal,
  recordDecisions,
  type DeliveryDecision,
} from '../store/deliveries/claims';
import { loadBooked } from '../store/ledger/movements';
import { recordSubject } from '../store/flows/recorded';
import { loadSubjects, updateClosedSubject } from '../store/flows/subjects';
import type { Tables } from '../store/schema/tables';
import { bookAll, type ReadyEntry } from '../ledger/book';
import { decide, type Decision, type DecodedDelivery } from './decide';
import type { FlowStarter } from '../temporal/flow-client';
import { refusalWaitMs } from '../temporal/errors';
import { type Sent, sendSignals, type SignalDecision } from './signal';
import { releaseUndecryptable, decodeClaims, type DecodingDependencies } from './decode';
import type { DispatchWatch } from './watch';

/** What dispatching needs of the world. */
export interface DispatchDependencies extends DecodingDependencies {
  readonly flows: FlowStarter;
  readonly policies: Policies;
  /** Signals under way at once. */
  readonly concurrency: number;
  /** How often Temporal may refuse a delivery before it is parked. */
  readonly mostRefusals: number;
  /** Who measures, traces and logs what is dispatched; absent: nobody. */
  readonly watch?: DispatchWatch;
}

type LateDecision = Extract<Decision, { kind: 'late' }>;
type RecordDecision = Extract<Decision, { kind: 'record' }>;

function keysOf(decodedDeliveries: readonly DecodedDelivery[]): readonly EventKey[] {
  return decodedDeliveries.flatMap(({ claim, decoded }) =>
    decoded.duplicateKey === null ? [] : [{ deliveryId: claim.id, partner: claim.partner, ...decoded.duplicateKey }],
  );
}

/** What the ledger holds under the ids of the events; looked at again, under its lock, when they are booked. */
async function loadBookedFor(
  database: Kysely<Tables>,
  decodedDeliveries: readonly DecodedDelivery[],
): Promise<ReadonlyMap<string, readonly BookedLeg[]>> {
  const known = new Map<string, readonly BookedLeg[]>();
  for (const partner of new Set(decodedDeliveries.map(({ claim }) => claim.partner))) {
    const own = decodedDeliveries.filter(({ claim }) => claim.partner === partner);
    const ids = own.flatMap((one) => bookingOf(one.decoded.content)?.transactionId ?? []);
    for (const [id, legs] of await loadBooked(database, partner, ids)) known.set(id, legs);
  }
  return known;
}

async function decideAll(
  dependencies: DispatchDependencies,
  decodedDeliveries: readonly DecodedDelivery[],
): Promise<readonly Decision[]> {
  const { database } = dependencies;
  const standings = await registerKeys(database, keysOf(decodedDeliveries));
  const booked = await loadBookedFor(database, decodedDeliveries);
  const unkeyed = decodedDeliveries.filter(
    (one) => one.decoded.duplicateKey === null && bookingOf(one.decoded.content) === undefined,
  );
  const repeats = await repeatsOfIllegal(
    database,
    unkeyed.map(({ claim, decoded }) => ({ id: claim.id, workflowId: workflowIdOf(decoded.subject) })),
  );
  const stored = await loadSubjects(
    database,
    decodedDeliveries.map(({ decoded }) => workflowIdOf(decoded.subject)),
  );
  return decodedDeliveries.map((one) => {
    const known = {
      standing: standings.get(one.claim.id),
      repeatsIllegal: repeats.has(one.claim.id),
      stored: stored.get(workflowIdOf(one.decoded.subject)) ?? null,
      booked: booked.get(bookingOf(one.decoded.content)?.transactionId ?? '') ?? [],
    };
    return decide(one, known, dependencies);
  });
}

function parkedAlerts(settlements: readonly DeliveryDecision[]): readonly AlertCause[] {
  return settlements.flatMap(({ claim, status }) =>
    status === 'parked' ? [{ partner: claim.partner, finding: 'parked', example: claim.id }] : [],
  );
}

/** Late news that contradicts the end leaves a finding on the closed subject; folded under the row's lock. */
async function noteLate(
  transaction: Transaction<Tables>,
  late: readonly LateDecision[],
): Promise<readonly AlertCause[]> {
  const causes: AlertCause[] = [];
  for (const { address, status } of late) {
    const workflowId = workflowIdOf(address.key);
    await updateClosedSubject(transaction, workflowId, (subject) => {
      const folded = foldLate(address, subject, status, new Date().toISOString());
      causes.push(...folded.alerts.map((finding) => ({ partner: address.key.partner, finding, example: workflowId })));
      return folded.subject;
    });
  }
  return causes;
}

/** Writes down what nothing is owed after; what calls for somebody to act is alerted. */
async function writeRecords(
  transaction: Transaction<Tables>,
  records: readonly RecordDecision[],
): Promise<readonly AlertCause[]> {
  for (const { subject } of records) await recordSubject(transaction, subject);
  return records.flatMap(({ subject, callToAct }) =>
    callToAct === null ? [] : [{ partner: subject.partner, finding: callToAct, example: workflowIdOf(subject) }],
  );
}

/** What was decided about a batch. */
interface Batch {
  readonly settlements: readonly DeliveryDecision[];
  readonly late: readonly LateDecision[];
  readonly records: readonly RecordDecision[];
  readonly taken: readonly SignalDecision[];
  readonly ready: readonly ReadyEntry[];
}

/** Writes decisions, and what they raise, in one transaction. */
async function settleAll(dependencies: DispatchDependencies, batch: Batch): Promise<void> {
  const { late, records, taken, ready } = batch;
  const settled = await dependencies.database.transaction().execute(async (transaction) => {
    const booked = await bookAll(transaction, ready, dependencies);
    const settlements = [...batch.settlements, ...booked.settlements];
    const rows = taken.map(({ address: { key, table } }) => ({
      ...key,
      workflowId: workflowIdOf(key),
      lifecycle: table.lifecycle,
    }));
    await ensureSubjectRows(transaction, rows);
    const ours = new Set(await recordDecisions(transaction, settlements));
    const isOurs = ({ settlement }: { readonly settlement: DeliveryDecision }): boolean =>
      ours.has(settlement.claim.id);
    const recordCauses = await writeRecords(transaction, records.filter(isOurs));
    const lateCauses = await noteLate(transaction, late.filter(isOurs));
    const parkedCauses = parkedAlerts(settlements.filter(({ claim }) => ours.has(claim.id)));
    await raiseAlerts(
      transaction,
      [...booked.causes, ...lateCauses, ...recordCauses, ...parkedCauses],
      dependencies.policies.alertWindowMs,
    );
    return settlements.filter(({ claim }) => ours.has(claim.id));
  });
  dependencies.watch?.settled(settled);
}

/** A flow tells the outcome of what it took, but for a movement: there the ledger does. */
function settlementOfTaken({ decision, runId }: Extract<Sent, { kind: 'taken' }>): readonly DeliveryDecision[] {
  const { claim, address, notification, entry } = decision;
  if (entry !== undefined) return [];
  const workflowId = workflowIdOf(address.key);
  return [{ claim, event: notification.event, workflowId, status: 'delivered', outcome: null, runId }];
}

/** In the order of arrival: the first of two equal movements is the one that is booked. */
function inOrder(ready: readonly ReadyEntry[]): readonly ReadyEntry[] {
  return [...ready].sort((a, b) => (BigInt(a.entry.claim.position) < BigInt(b.entry.claim.position) ? -1 : 1));
}

/** What Temporal refuses again and again will never be taken: parked with the refusal, for an operator to see. */
function finallyRefused(sent: Extract<Sent, { kind: 'refused' }>): DeliveryDecision {
  const { claim, decision, failure } = sent;
  const problem = { path: 'temporal', expected: 'a signal that Temporal accepts', found: failure };
  return { claim, event: decision.notification.event, workflowId: null, status: 'parked', problem };
}

async function giveBackRefused(dependencies: DispatchDependencies, refused: readonly Claim[]): Promise<void> {
  for (const claim of refused) {
    await release(dependencies.database, [claim], { retryMs: refusalWaitMs(claim.refusals), refused: true });
  }
  dependencies.watch?.givenBack(refused, 'refused');
}

/**
 * Dispatches claimed deliveries; answers those that could not be sent because Temporal is away. May crash anywhere:
 * whatever was not settled is claimed again when its lease runs out, and a flow knows the deliveries it has folded.
 */
export async function dispatchBatch(
  dependencies: DispatchDependencies,
  claims: readonly Claim[],
): Promise<readonly Claim[]> {
  dependencies.watch?.claimed(claims);
  const sorted = await decodeClaims(dependencies, claims);
  await releaseUndecryptable(dependencies, sorted.undecryptable);
  const decisions = await decideAll(dependencies, sorted.decodedDeliveries);
  const late = decisions.filter((decision) => decision.kind === 'late');
  const immediate = decisions.flatMap((decision) => (decision.kind === 'settle' ? [decision.settlement] : []));
  const records = decisions.filter((decision) => decision.kind === 'record');
  const bookOnly = decisions.flatMap((decision) => (decision.kind === 'book' ? [decision.entry] : []));
  const toSend = decisions.filter((decision) => decision.kind === 'signal');
  const sent = await sendSignals(dependencies.flows, toSend, dependencies.concurrency);
  const taken = sent.filter((one) => one.kind === 'taken');
  const refused = sent.filter((one) => one.kind === 'refused');
  const final = refused.filter(({ claim }) => claim.refusals + 1 >= dependencies.mostRefusals);
  const settlements = [
    ...sorted.parked,
    ...immediate,
    ...late.map(({ settlement }) => settlement),
    ...records.map(({ settlement }) => settlement),
    ...taken.flatMap(settlementOfTaken),
    ...final.map(finallyRefused),
  ];
  const heard = taken.flatMap(({ decision: { entry }, runId }) => (entry === undefined ? [] : [{ entry, runId }]));
  const ready = [...bookOnly.map((entry) => ({ entry, runId: null })), ...heard];
  const followed = taken.flatMap(({ decision }) => (decision.entry === undefined ? [decision] : []));
  await settleAll(dependencies, { settlements, late, records, taken: followed, ready: inOrder(ready) });
  await giveBackRefused(
    dependencies,
    refused.filter((one) => !final.includes(one)).map(({ claim }) => claim),
  );
  const away = sent.filter((one) => one.kind === 'away');
  if (away[0] !== undefined) {
    dependencies.watch?.givenBack(
      away.map(({ claim }) => claim),
      'away',
    );
    dependencies.logger.warn({ failure: away[0].failure, waiting: away.length }, 'dispatch waits: Temporal is away');
  }
  return away.map(({ claim }) => claim);
}
