import type { Transaction } from 'kysely';

import { bookingAs, type Booking, instrumentAs } from '../domain/booking';
import type { Partner } from '../domain/partner';
import { knownAsMoney, loadKinds } from '../store/ledger/kinds';
import type { Tables } from '../store/schema/tables';
import type { ReadyEntry } from './decided';

/**
 * Entries of one partner with the kinds that the ledger knows of them: an asset by its type alone is in doubt where its id
 * is one of money, and an event that states no kind is booked as an operator says. Under the ledger's lock.
 */
export async function withKinds(
  transaction: Transaction<Tables>,
  partner: Partner,
  ready: readonly ReadyEntry[],
): Promise<readonly ReadyEntry[]> {
  const money = await moneyAmong(transaction, partner, ready);
  const doubted = ready.map((one) => withBooking(one, doubt(one.entry.booking, money)));
  const unknown = doubted.filter(({ entry }) => entry.booking.kindUnknown !== undefined);
  const kinds = await loadKinds(
    transaction,
    partner,
    unknown.map(({ entry }) => entry.booking.transactionId),
  );
  return doubted.map((one) => {
    const { booking } = one.entry;
    const kind = booking.kindUnknown === undefined ? undefined : kinds.get(booking.transactionId);
    return kind === undefined ? one : withBooking(one, bookingAs(booking, kind));
  });
}

function withBooking(one: ReadyEntry, booking: Booking): ReadyEntry {
  return booking === one.entry.booking ? one : { ...one, entry: { ...one.entry, booking } };
}

/** Instruments that would be money if the legs of doubtful events were it, of those that other events show to be. */
async function moneyAmong(
  transaction: Transaction<Tables>,
  partner: Partner,
  ready: readonly ReadyEntry[],
): Promise<ReadonlySet<string>> {
  const bookings = ready.map(({ entry }) => entry.booking);
  const doubtful = bookings.filter(({ assetUnlessMoney }) => assetUnlessMoney !== undefined);
  if (doubtful.length === 0) return new Set();
  const asked = new Set(doubtful.flatMap(({ legs }) => legs.map((leg) => instrumentAs(leg, 'fiat'))));
  const beside = bookings.flatMap(({ legs }) =>
    legs.flatMap(({ instrument, value }) => [instrument, value?.instrument]),
  );
  const known = await knownAsMoney(transaction, partner, [...asked]);
  return new Set([...known, ...beside.flatMap((one) => (one !== undefined && asked.has(one) ? [one] : []))]);
}

function doubt(booking: Booking, money: ReadonlySet<string>): Booking {
  const { assetUnlessMoney } = booking;
  if (assetUnlessMoney === undefined) return booking;
  const isDoubtful = booking.legs.some((leg) => money.has(instrumentAs(leg, 'fiat')));
  return isDoubtful ? { ...booking, kindUnknown: assetUnlessMoney } : booking;
}
