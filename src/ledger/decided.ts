import type { Transaction } from 'kysely';

import { type BookedLeg, type Booking, type BookingDecision, decideBooking } from '../domain/booking';
import { type SubjectKey, workflowIdOf } from '../domain/subject-key';
import type { Subject } from '../domain/subject';
import type { Claim } from '../store/deliveries/due';
import { hashOf, registerKeys } from '../store/deliveries/event-keys';
import type { NewMovement } from '../store/ledger/movements';
import type { Tables } from '../store/schema/tables';

/** A delivery that moves holdings, for the ledger to decide on. */
export interface BookEntry {
  readonly claim: Claim;
  readonly event: string;
  readonly subject: SubjectKey;
  readonly booking: Booking;
  /** The row of a subject that is only recorded; null where a flow follows it. */
  readonly record: Subject | null;
  /** True where the flow of a whole corporate action follows it, which needs no signal for each movement. */
  readonly isFollowedAsAWhole: boolean;
}

/** An entry whose flow was signalled, or that has none; `runId` of the run that took the signal. */
export interface ReadyEntry {
  readonly entry: BookEntry;
  readonly runId: string | null;
}

/** An entry with what the ledger decided on it. */
export interface Decided extends ReadyEntry {
  readonly decision: BookingDecision;
  /** True where an earlier dispatch of this very delivery booked it, and ended before it recorded the decision. */
  readonly isOwn: boolean;
}

/** Decisions on entries one after the other, each based on what those before it book. */
export function decideInOrder(
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
export async function withoutRepeats(
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

/** The movements that are new. */
export function movementsOf({ entry, decision }: Decided): readonly NewMovement[] {
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
