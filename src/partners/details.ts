import { Decimal } from 'decimal.js';

import type { Booking } from '../domain/booking';
import { type Amount, mergeDetails, type SubjectDetails } from '../domain/details';
import type { NotificationContent } from '../domain/notification';

type Optional = string | null | undefined;

/** Details as a body or an answer gives them; what is missing is left out. */
export interface GivenDetails {
  readonly userId?: Optional;
  /** Our own reference; an empty one is none. */
  readonly reference?: Optional;
  readonly reason?: Optional;
  readonly changedAt?: Optional;
  readonly side?: Optional;
  readonly sandbox?: Optional;
  readonly amounts?: readonly GivenAmount[];
  readonly facts?: Readonly<Record<string, Optional>>;
}

/** Amount that may be missing: what it is, how much, of what. */
export type GivenAmount = readonly [what: string, amount: Optional, unit?: Optional];

/** Details without what is missing or empty. */
export function presentDetails(given: GivenDetails): SubjectDetails {
  const { userId, reference, reason, changedAt, side, sandbox } = given;
  const amounts = amountsOf(given.amounts ?? []);
  const facts = present(given.facts ?? {});
  return {
    ...(userId ? { userId } : {}),
    ...(reference ? { reference } : {}),
    ...(reason ? { reason } : {}),
    ...(changedAt ? { changedAt } : {}),
    ...(side ? { side } : {}),
    ...(sandbox ? { sandbox } : {}),
    ...(amounts.length === 0 ? {} : { amounts }),
    ...(Object.keys(facts).length === 0 ? {} : { facts }),
  };
}

/** The fields that are there. */
export function present(fields: Readonly<Record<string, Optional>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (value === null || value === undefined ? [] : [[name, value]])),
  );
}

/** Amounts that are there; one of the same kind and unit as an earlier one is told apart by its number. */
function amountsOf(given: readonly GivenAmount[]): readonly Amount[] {
  const amounts: Amount[] = [];
  for (const [what, amount, unit = null] of given) {
    if (amount === null || amount === undefined) continue;
    const same = amounts.filter((one) => one.unit === unit && one.what.replace(/-\d+$/, '') === what).length;
    amounts.push({ what: same === 0 ? what : `${what}-${same + 1}`, amount, unit });
  }
  return amounts;
}

/** Unit of an asset or a fiat by its id; null where the partner names none. */
export function unitOf(kind: 'asset' | 'fiat', id: Optional): string | null {
  return id === null || id === undefined ? null : `${kind}:${id}`;
}

/** Details of a delivery: those of its body over those that its meaning holds already. */
export function detailsOfDelivery(content: NotificationContent, given: GivenDetails): SubjectDetails {
  return mergeDetails(presentDetails(detailsOfContent(content)), presentDetails(given));
}

function detailsOfContent(content: NotificationContent): GivenDetails {
  switch (content.lifecycle) {
    case 'savingsPlan':
      return 'reason' in content.news ? { reason: content.news.reason } : {};
    case 'corporateAction':
      return detailsOfBooking(content.booking);
    case 'recorded':
      return content.booking === undefined ? { facts: content.facts } : detailsOfBooking(content.booking);
    default:
      return {
        reason: content.reason,
        ...(content.changedAt === undefined ? {} : { changedAt: content.changedAt }),
        ...(content.facts === undefined ? {} : { facts: content.facts }),
      };
  }
}

function detailsOfBooking({ userId, corporateActionId, type, creditedAt, legs }: Booking): GivenDetails {
  return {
    userId,
    changedAt: creditedAt,
    facts: { type, corporateActionId },
    amounts: legs.flatMap(({ instrument, amount, fee, value }): GivenAmount[] => [
      // A movement of nothing books nothing.
      [amount.startsWith('-') ? 'out' : 'in', amount === '0' ? null : new Decimal(amount).abs().toFixed(), instrument],
      ['fee', fee, instrument],
      ['value', value?.amount, value?.instrument],
    ]),
  };
}
