import type { Problem } from './problem';

/** The kinds of what a movement moves. */
export const BOOKED_KINDS = ['asset', 'fiat'] as const;
/** The kind of what a movement moves. */
export type BookedKind = (typeof BOOKED_KINDS)[number];

/** The movements that an event books, once for each of its legs. */
export interface Booking {
  /** The partner's id of the event. */
  readonly transactionId: string;
  readonly userId: string;
  readonly corporateActionId: string | null;
  readonly type: string;
  /** ISO 8601 UTC, to the microsecond. */
  readonly creditedAt: string;
  readonly legs: readonly BookingLeg[];
  /** The same event may come again with more legs. */
  readonly mayGrow: boolean;
  /** Set where the event does not state whether its leg is an asset or money: nothing is booked before a richer version does. */
  readonly kindUnknown?: Problem;
  /**
   * Set where its type alone says that its leg is an asset: `kindUnknown` of it where the partner is known to use the id
   * for money.
   */
  readonly assetUnlessMoney?: Problem;
}

/** The booking with its leg's kind as somebody knows it; the leg of an event that states none is its only one. */
export function bookingAs({ kindUnknown: _, ...booking }: Booking, kind: BookedKind): Booking {
  return { ...booking, legs: booking.legs.map((leg) => ({ ...leg, leg: kind, instrument: instrumentAs(leg, kind) })) };
}

/** The instrument of a leg under another kind, whose ids are others. */
export function instrumentAs({ instrument }: Pick<BookingLeg, 'instrument'>, kind: BookedKind): string {
  return `${kind}:${instrument.slice(instrument.indexOf(':') + 1)}`;
}

/** A leg of a booking as the partner states it. */
export interface BookingLeg {
  /** Unique in the event: `asset` or `fiat`, or the leg's own id inside a crypto action. */
  readonly leg: string;
  /** `asset:<id>` or `fiat:<id>`, as the partner wrote the id. */
  readonly instrument: string;
  /** Signed decimal; 0 books nothing. */
  readonly amount: string;
  readonly direction: string | null;
  readonly assetGroup: string | null;
  /** Money in our corporate wallet, to be passed on to the user. */
  readonly isObligation: boolean;
  /** Kept and shown, not booked. */
  readonly fee: string | null;
  /** Worth of the leg according to the partner; it books nothing. */
  readonly value: { readonly instrument: string; readonly amount: string } | null;
  /** The same instrument under its other kind of id, where the partner gives both. */
  readonly alias: { readonly integer: string; readonly uuid: string } | null;
}

/** A leg as the ledger holds it. */
export interface BookedLeg {
  readonly leg: string;
  readonly userId: string;
  readonly instrument: string;
  readonly amount: string;
  readonly corporateActionId: string | null;
  readonly type: string;
  readonly fee: string | null;
  readonly value: BookingLeg['value'];
  /** The delivery that brought it; null where an operator booked it. */
  readonly deliveryId: string | null;
}

/** The relation of an event to what the ledger holds under its id. */
export type BookingDecision =
  | { readonly kind: 'new'; readonly legs: readonly BookingLeg[] }
  | {
      readonly kind: 'known';
      readonly evidence: readonly AliasEvidence[];
      readonly enrichments: readonly Enrichment[];
    }
  | { readonly kind: 'contradicting'; readonly leg: string; readonly found: string }
  /** It does not state what it moves, and no richer version has come yet. */
  | { readonly kind: 'awaiting' };

/** A pair of ids of one instrument, of different kinds. */
export interface AliasEvidence {
  readonly integer: string;
  readonly uuid: string;
}

/** The details that a later version adds to a booked leg: shown, never booked. */
export interface Enrichment {
  readonly leg: string;
  readonly fee: string | null;
  readonly value: BookingLeg['value'];
}

/**
 * The decision on an event by what the ledger holds under its id: the first content stands, a leg that is not there yet
 * is booked, and whatever says something else is never written over.
 */
export function decideBooking(booking: Booking, booked: readonly BookedLeg[]): BookingDecision {
  if (booking.kindUnknown !== undefined) return compareUnknownKind(booking, booked);
  const contradicted = firstContradiction(booking, booked);
  if (contradicted !== null) return { kind: 'contradicting', ...contradicted };
  const fresh = booking.legs.filter(({ leg }) => booked.every((one) => one.leg !== leg));
  if (fresh.length > 0) return { kind: 'new', legs: fresh };
  const pairs = booking.legs.flatMap((leg) => {
    const known = booked.find((one) => one.leg === leg.leg);
    return known === undefined ? [] : [{ known, leg }];
  });
  const evidence = pairs.flatMap(({ known, leg }) => {
    const pair = evidenceOf(known.instrument, leg.instrument);
    return typeof pair === 'string' ? [] : [pair];
  });
  return { kind: 'known', evidence, enrichments: pairs.flatMap(({ known, leg }) => enrichment(known, leg)) };
}

/** A leg of which nobody knows yet whether it is an asset or money agrees with any booked one of the same amount. */
function compareUnknownKind(booking: Booking, booked: readonly BookedLeg[]): BookingDecision {
  const [leg] = booking.legs;
  const [first] = booked;
  if (leg === undefined || first === undefined) return { kind: 'awaiting' };
  if (first.userId !== booking.userId) return { kind: 'contradicting', leg: first.leg, found: 'another user' };
  const isSame = booked.some(({ amount }) => amount === leg.amount);
  if (!isSame) return { kind: 'contradicting', leg: first.leg, found: leg.amount };
  return { kind: 'known', evidence: [], enrichments: [] };
}

/** The first thing in which an event contradicts what is booked under its id; null where it does not. */
function firstContradiction(
  booking: Booking,
  booked: readonly BookedLeg[],
): { readonly leg: string; readonly found: string } | null {
  const [first] = booked;
  for (const leg of booking.legs) {
    const known = booked.find((one) => one.leg === leg.leg);
    const found = known === undefined ? null : contradiction(booking, known, leg);
    if (found !== null) return { leg: leg.leg, found };
    // Only a crypto action may bring another leg of the same event.
    if (known === undefined && first !== undefined && !booking.mayGrow) return { leg: first.leg, found: leg.amount };
    if (known === undefined && first !== undefined && first.userId !== booking.userId) {
      return { leg: first.leg, found: 'another user' };
    }
  }
  const dropped = booking.mayGrow ? undefined : booked.find(({ leg }) => booking.legs.every((one) => one.leg !== leg));
  return dropped === undefined ? null : { leg: dropped.leg, found: 'nothing' };
}

/** The first thing in which a leg differs from the ledger; null where none. Amounts are canonical decimals. */
function contradiction(booking: Booking, booked: BookedLeg, leg: BookingLeg): string | null {
  if (booked.userId !== booking.userId) return 'another user';
  if (booked.corporateActionId !== booking.corporateActionId) return 'another corporate action';
  // Two versions call the same transaction by different words; of a corporate action there are none.
  if (booking.corporateActionId !== null && booked.type !== booking.type) return booking.type;
  if (booked.amount !== leg.amount) return leg.amount;
  if (evidenceOf(booked.instrument, leg.instrument) === 'another') return leg.instrument;
  if (booked.fee !== null && leg.fee !== null && booked.fee !== leg.fee) return `fee ${leg.fee}`;
  if (booked.value !== null && leg.value !== null && booked.value.amount !== leg.value.amount) {
    return `value ${leg.value.amount}`;
  }
  return null;
}

const INTEGER = /^(asset|fiat):\d+$/;

/** The comparison of two writings of one leg's instrument: the same, possibly the same under two kinds of ids, or another. */
function evidenceOf(booked: string, stated: string): AliasEvidence | 'same' | 'another' {
  if (booked === stated) return 'same';
  const [kind] = booked.split(':');
  if (!stated.startsWith(`${kind ?? ''}:`) || INTEGER.test(booked) === INTEGER.test(stated)) return 'another';
  return INTEGER.test(booked) ? { integer: booked, uuid: stated } : { integer: stated, uuid: booked };
}

function enrichment(booked: BookedLeg, leg: BookingLeg): readonly Enrichment[] {
  const fee = booked.fee === null ? leg.fee : null;
  const value = booked.value === null ? leg.value : null;
  return fee === null && value === null ? [] : [{ leg: booked.leg, fee, value }];
}
