import type { Kysely } from 'kysely';

import { bookingOf } from '../domain/notification';
import { workflowIdOf } from '../domain/subject-key';
import { repeatsOfIllegal } from '../store/deliveries/claims';
import { type EventKey, registerKeys } from '../store/deliveries/event-keys';
import { followedAsAWhole } from '../store/corporate-actions/followers';
import { loadSubjects } from '../store/flows/subjects';
import { loadBooked } from '../store/ledger/movements';
import type { Tables } from '../store/schema/tables';
import { NO_FACTS, type StoredFacts } from './decide';
import type { DecodedDelivery } from './decode';

type WithContent = Extract<DecodedDelivery, { kind: 'decoded' }>;

/**
 * Facts of the store on which deliveries are decided. Registers their event ids first: of two dispatchers that hold
 * the same event, the second then sees that it is a duplicate.
 */
export async function loadFacts(
  database: Kysely<Tables>,
  deliveries: readonly DecodedDelivery[],
): Promise<(delivery: DecodedDelivery) => StoredFacts> {
  const withContent = deliveries.filter((delivery) => delivery.kind === 'decoded');
  const checks = await registerKeys(database, withContent.flatMap(keyOf));
  const booked = await loadBookedLegs(database, withContent);
  const repeats = await repeatsOfIllegal(
    database,
    withContent.filter(isWithoutId).map((one) => ({ id: one.claim.id, workflowId: workflowIdOf(one.decoded.subject) })),
  );
  const asAWhole = await followedAsAWhole(database, withContent.flatMap(setIdOf));
  const stored = await loadSubjects(
    database,
    withContent.map(({ decoded }) => workflowIdOf(decoded.subject)),
  );
  return (delivery) => {
    if (delivery.kind !== 'decoded') return NO_FACTS;
    const { claim, decoded } = delivery;
    return {
      duplicateCheck: checks.get(claim.id) ?? null,
      repeatsIllegal: repeats.has(claim.id),
      stored: stored.get(workflowIdOf(decoded.subject)) ?? null,
      booked: booked.get(bookingOf(decoded.content)?.transactionId ?? '') ?? [],
      hasOwnFlow: !asAWhole.has(workflowIdOf(decoded.subject)),
    };
  };
}

function setIdOf({ decoded }: WithContent): readonly string[] {
  return decoded.content.lifecycle === 'corporateAction' ? [workflowIdOf(decoded.subject)] : [];
}

function keyOf({ claim, decoded }: WithContent): readonly EventKey[] {
  if (decoded.duplicateKey === null) return [];
  return [{ deliveryId: claim.id, partner: claim.partner, ...decoded.duplicateKey }];
}

function isWithoutId({ decoded }: WithContent): boolean {
  return decoded.duplicateKey === null && bookingOf(decoded.content) === undefined;
}

/** Booked legs by the id of their event. The ledger reads them once more, under its lock, when it books. */
async function loadBookedLegs(
  database: Kysely<Tables>,
  deliveries: readonly WithContent[],
): Promise<ReadonlyMap<string, StoredFacts['booked']>> {
  const booked = new Map<string, StoredFacts['booked']>();
  for (const partner of new Set(deliveries.map(({ claim }) => claim.partner))) {
    const own = deliveries.filter(({ claim }) => claim.partner === partner);
    const ids = own.flatMap(({ decoded }) => bookingOf(decoded.content)?.transactionId ?? []);
    for (const [id, legs] of await loadBooked(database, partner, ids)) booked.set(id, legs);
  }
  return booked;
}
