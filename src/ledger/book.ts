import type { Transaction } from 'kysely';

import { kindOf } from '../domain/lifecycles/kinds';
import { type BookedLeg, type Booking, type BookingDecision, decideBooking } from '../domain/booking';
import { OBLIGATION, QUIET_PERIOD } from '../domain/lifecycles/corporate-actions/durations';
import type { Partner } from '../domain/partner';
import { type SubjectKey, workflowIdOf } from '../domain/subject-key';
import { dueAfter, type Policy } from '../domain/policy';
import type { Partners } from '../partners/partners';
import type { Policies } from '../domain/lifecycles/rules';
import type { Subject } from '../domain/subject';
import { actionsAfterAliases, actionsAfterMovements } from '../store/corporate-actions/affected';
import type { AlertCause } from '../store/outbox/alerts';
import type { Claim } from '../store/deliveries/due';
import type { DeliveryDecision } from '../store/deliveries/claims';
import { hashOf, registerKeys } from '../store/deliveries/event-keys';
import { judgeWithoutAlerts } from '../store/corporate-actions/judge';
import {
  awaitRicher,
  enrichMovements,
  ensureSets,
  insertMovements,
  learnAliases,
  type LearnedAliases,
  loadBooked,
  lockLedger,
  type NewMovement,
  noteContradiction,
  releaseAwaiting,
  showQuietPeriod,
} from '../store/ledger/movements';
import { recordSubject } from '../store/flows/recorded';
import type { Tables } from '../store/schema/tables';

/** Rules that movements are booked by. */
export interface BookingRules {
  readonly policies: Policies;
  readonly partners: Partners;
}

/** A delivery that moves holdings, for the ledger to decide on. */
export interface BookEntry {
  readonly claim: Claim;
  readonly event: string;
  readonly subject: SubjectKey;
  readonly booking: Booking;
  /** The row of a subject that is only recorded; null where a flow follows it. */
  readonly record: Subject | null;
}

/** An entry whose flow was signalled, or that has none; `runId` of the run that took the signal. */
export interface ReadyEntry {
  readonly entry: BookEntry;
  readonly runId: string | null;
}

/** The result of booking: the decision about each delivery, the causes of alerts, and the movements no webhook announced. */
export interface Booked {
  readonly decisions: readonly DeliveryDecision[];
  readonly causes: readonly AlertCause[];
  /** Movements that a sweep brought, by partner; counted by the caller once it has taken all its other locks. */
  readonly recovered: readonly { readonly partner: Partner; readonly count: number }[];
}

/**
 * Booked movements, each leg once, in the transaction that records the decisions about their deliveries: with one writer
 * the ledger and its deliveries can never differ. Takes the ledger's lock of each partner first.
 */
export async function bookAll(
  transaction: Transaction<Tables>,
  ready: readonly ReadyEntry[],
  rules: BookingRules,
): Promise<Booked> {
  const results: Booked[] = [];
  // In one order everywhere: two dispatches that lock the ledgers of several partners must not wait for each other.
  for (const partner of [...new Set(ready.map(({ entry }) => entry.claim.partner))].sort()) {
    const own = ready.filter(({ entry }) => entry.claim.partner === partner);
    results.push(await bookOf(transaction, partner, own, rules));
  }
  return {
    decisions: results.flatMap(({ decisions }) => decisions),
    causes: results.flatMap(({ causes }) => causes),
    recovered: results.flatMap(({ recovered }) => recovered),
  };
}

async function bookOf(
  transaction: Transaction<Tables>,
  partner: Partner,
  ready: readonly ReadyEntry[],
  rules: BookingRules,
): Promise<Booked> {
  const { policies } = rules;
  const policy = setPolicyOf(rules, partner);
  await lockLedger(transaction, partner);
  const stored = await loadBooked(
    transaction,
    partner,
    ready.map(({ entry }) => entry.booking.transactionId),
  );
  const decided = await withoutRepeats(transaction, decideInOrder(ready, stored));
  const movements = decided.flatMap(movementsOf);
  await insertMovements(transaction, movements, (since) =>
    dueAfter(policy, policy.dueByState[OBLIGATION] ?? policy.firstDue, since),
  );
  await showQuietPeriod(transaction, quietPeriodRows(decided, policy));
  const learned = await learnAliases(transaction, decided.flatMap(evidenceOf));
  const causes: AlertCause[] = [];
  for (const one of decided) causes.push(...(await writeBeside(transaction, one, policies)));
  causes.push(...(await judgeAffected(transaction, movements, learned, policies)));
  // After the last wait for the lock of a judging: one under way may need the very rows of sets that are new here.
  await ensureSets(transaction, movements);
  const richer = decided.filter(({ decision }) => decision.kind === 'new');
  await releaseAwaiting(
    transaction,
    partner,
    richer.map(({ entry }) => entry.booking.transactionId),
  );
  const moving = movements.filter(({ leg, recovered }) => recovered && leg.amount !== '0');
  const illegal = decided.filter(({ decision }) => decision.kind === 'contradicting');
  return {
    decisions: decided.map(deliveryDecisionOf),
    recovered: [{ partner, count: moving.length }],
    causes: [
      ...causes,
      ...learned.contradicted.map((example) => ({ partner, finding: 'contradicting-alias', example }) as const),
      ...illegal.map(
        ({ entry: { subject } }) =>
          ({ partner, finding: 'contradicting-repeat', example: workflowIdOf(subject) }) as const,
      ),
    ],
  };
}

/** The policy of a partner's corporate actions. Throws where it has none: then no event of it may move holdings. */
function setPolicyOf({ partners, policies }: BookingRules, partner: Partner): Policy {
  const table = partners.module(partner)?.lifecycles.find(({ lifecycle }) => kindOf(lifecycle).readsFrom === 'ledger');
  if (table === undefined) throw new Error(`${partner} moves holdings and has no lifecycle of corporate actions`);
  return policies.policyOf(table);
}

interface Decided extends ReadyEntry {
  readonly decision: BookingDecision;
  /** True where an earlier dispatch of this very delivery booked it, and ended before it recorded the decision. */
  readonly isOwn: boolean;
}

/** Decisions on entries one after the other, each based on what those before it book. */
function decideInOrder(
  ready: readonly ReadyEntry[],
  stored: ReadonlyMap<string, readonly BookedLeg[]>,
): readonly Decided[] {
  const known = new Map(stored);
  return ready.map((one) => {
    const { claim, booking } = one.entry;
    const booked = known.get(booking.transactionId) ?? [];
    const decision = decideBooking(booking, booked);
    if (decision.kind === 'new') {
      const { userId, corporateActionId, type } = booking;
      const legs = decision.legs.map((leg) => ({ ...leg, userId, corporateActionId, type, deliveryId: claim.id }));
      known.set(booking.transactionId, [...booked, ...legs]);
    }
    return { ...one, decision, isOwn: booked.some(({ deliveryId }) => deliveryId === claim.id) };
  });
}

/** An entry that contradicts the ledger is illegal once: the same again is a repetition, and alerts nobody twice. */
async function withoutRepeats(
  transaction: Transaction<Tables>,
  decided: readonly Decided[],
): Promise<readonly Decided[]> {
  const illegal = decided.filter(({ decision }) => decision.kind === 'contradicting');
  const checks = await registerKeys(
    transaction,
    illegal.map((one) => ({
      deliveryId: one.entry.claim.id,
      partner: one.entry.claim.partner,
      key: `contradicts:${one.entry.booking.transactionId}`,
      meaning: meaningOf(one),
    })),
  );
  return decided.map((one) => {
    const { id } = one.entry.claim;
    const isRepeat = (checks.get(id)?.firstDeliveryId ?? id) !== id;
    return isRepeat ? { ...one, decision: { kind: 'known', evidence: [], enrichments: [] } } : one;
  });
}

/** The meaning of an event for holdings: the first delivery of one meaning is registered under its hash. */
function meaningOf({ entry: { booking } }: Decided): string {
  const { userId, corporateActionId, type, creditedAt, legs } = booking;
  return hashOf(JSON.stringify([userId, corporateActionId, type, creditedAt, legs]));
}

function movementsOf({ entry, decision }: Decided): readonly NewMovement[] {
  if (decision.kind !== 'new') return [];
  const { claim, subject, booking } = entry;
  return decision.legs.map((leg) => ({
    partner: claim.partner,
    workflowId: workflowIdOf(subject),
    deliveryId: claim.id,
    recovered: claim.source === 'sweep',
    booking,
    leg,
  }));
}

function quietPeriodRows(decided: readonly Decided[], policy: Policy) {
  const since = new Date().toISOString();
  const dueAt = dueAfter(policy, policy.dueByState[QUIET_PERIOD] ?? policy.firstDue, since);
  return decided.flatMap(({ entry, decision }) => {
    if (decision.kind !== 'new' || entry.record !== null) return [];
    const { subject, booking } = entry;
    const { partner, id: objectId } = subject;
    return [{ workflowId: workflowIdOf(subject), partner, objectId, state: booking.type, since, dueAt }];
  });
}

/** Aliases that a delivery proves: it carries both ids, or is a known event under the other kind of id. */
function evidenceOf({ entry, decision }: Decided) {
  const { claim, booking } = entry;
  const carried = booking.legs.flatMap(({ alias }) => (alias === null ? [] : [alias]));
  const compared = decision.kind === 'known' ? decision.evidence : [];
  if (decision.kind === 'contradicting') return [];
  return [...carried, ...compared].map((pair) => ({ ...pair, partner: claim.partner, deliveryId: claim.id }));
}

async function writeBeside(
  transaction: Transaction<Tables>,
  decided: Decided,
  policies: Policies,
): Promise<readonly AlertCause[]> {
  const { entry, decision } = decided;
  const { claim, booking, record } = entry;
  if (decision.kind === 'known') {
    await enrichMovements(transaction, claim.partner, booking.transactionId, decision.enrichments);
  }
  if (decision.kind === 'awaiting') await awaitRicher(transaction, claim.partner, booking.transactionId, claim.id);
  if (decision.kind === 'new' && record !== null) await recordSubject(transaction, record);
  return recordContradiction(transaction, decided, policies);
}

async function recordContradiction(
  transaction: Transaction<Tables>,
  { entry, decision }: Decided,
  policies: Policies,
): Promise<readonly AlertCause[]> {
  if (decision.kind !== 'contradicting') return [];
  const { leg, found } = decision;
  const { partner, id: deliveryId } = entry.claim;
  const { transactionId } = entry.booking;
  await noteContradiction(transaction, { partner, transactionId, leg, found, deliveryId });
  const booked = (await loadBooked(transaction, partner, [transactionId])).get(transactionId) ?? [];
  const id = booked.find(({ corporateActionId }) => corporateActionId !== null)?.corporateActionId ?? null;
  return id === null ? [] : (await judgeWithoutAlerts(transaction, { partner, id }, [], policies)).causes;
}

/** Judges sets that new movements or aliases change: also those whose holders' earlier holdings they change. */
async function judgeAffected(
  transaction: Transaction<Tables>,
  movements: readonly NewMovement[],
  { pairs }: LearnedAliases,
  policies: Policies,
): Promise<readonly AlertCause[]> {
  const changes = movements.flatMap(({ partner, booking: { userId, creditedAt, corporateActionId }, leg }) => {
    const { instrument, amount, isObligation } = leg;
    return isObligation || amount === '0' ? [] : [{ partner, userId, instrument, creditedAt, corporateActionId }];
  });
  const affected = [
    ...(await actionsAfterMovements(transaction, changes)),
    ...(await actionsAfterAliases(transaction, pairs)),
  ];
  const actions = new Map(affected.map((action) => [`${action.partner} ${action.id}`, action]));
  const causes: AlertCause[] = [];
  for (const action of actions.values())
    causes.push(...(await judgeWithoutAlerts(transaction, action, [], policies)).causes);
  return causes;
}

function deliveryDecisionOf({ entry, decision, isOwn, runId }: Decided): DeliveryDecision {
  const { claim, event, subject, booking } = entry;
  const base = { claim, event, workflowId: workflowIdOf(subject) } as const;
  switch (decision.kind) {
    case 'new':
      return { ...base, status: 'delivered', outcome: 'applied', runId };
    case 'known':
      return isOwn ? { ...base, status: 'delivered', outcome: 'applied', runId } : { ...base, status: 'duplicate' };
    case 'contradicting':
      return { ...base, status: 'delivered', outcome: 'illegal', runId: null };
    case 'awaiting': {
      const problem = booking.kindUnknown ?? { path: 'body', expected: 'a known kind', found: 'none' };
      return { ...base, workflowId: null, status: 'parked', problem };
    }
  }
}
