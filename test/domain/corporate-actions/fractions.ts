/** A fraction; the denominator is above 0. */
export interface Fraction {
  readonly top: bigint;
  readonly bottom: bigint;
}

/** The exact value of a plain decimal; throws where it is none. */
export function fraction(decimal: string): Fraction {
  const parts = /^(-?)(\d+)(?:\.(\d+))?$/.exec(decimal);
  if (parts === null) throw new Error(`Not a plain decimal: ${decimal}`);
  const [, sign = '', whole = '', digits = ''] = parts;
  return { top: BigInt(`${sign}${whole}${digits}`), bottom: 10n ** BigInt(digits.length) };
}

export const ZERO = fraction('0');

/** The exact sum. */
export function plus(a: Fraction, b: Fraction): Fraction {
  return { top: a.top * b.bottom + b.top * a.bottom, bottom: a.bottom * b.bottom };
}

/** The exact product. */
export function times(a: Fraction, b: Fraction): Fraction {
  return { top: a.top * b.top, bottom: a.bottom * b.bottom };
}

/** `b` is above 0. */
function over(a: Fraction, b: Fraction): Fraction {
  return { top: a.top * b.bottom, bottom: a.bottom * b.top };
}

/** Compared by cross-multiplication. */
export function less(a: Fraction, b: Fraction): boolean {
  return a.top * b.bottom < b.top * a.bottom;
}

/** The same value, however it is written. */
export function same(a: Fraction, b: Fraction): boolean {
  return !less(a, b) && !less(b, a);
}

/** The smaller of two. */
export function smaller(a: Fraction, b: Fraction): Fraction {
  return less(b, a) ? b : a;
}

/** All ratios above `low` and below `high`. */
export interface RatioInterval {
  readonly low: Fraction;
  readonly high: Fraction;
}

/** The ratios with which `quantity` old shares give `received` new ones, whether the last unit is cut off or rounded. */
export function provedBy(quantity: Fraction, received: Fraction, unit: Fraction): RatioInterval {
  const least = plus(received, { top: -unit.top, bottom: unit.bottom });
  return { low: over(less(least, ZERO) ? ZERO : least, quantity), high: over(plus(received, unit), quantity) };
}

/** Some ratio lies in both. */
export function meet(a: RatioInterval, b: RatioInterval): boolean {
  return less(a.low, b.high) && less(b.low, a.high);
}

/** Just above a point a vote holds what it begins at or before, and does not end at. */
function holds(stretch: RatioInterval, point: Fraction): boolean {
  return !less(point, stretch.low) && less(point, stretch.high);
}

/**
 * The stretch that the most votes hold: just above where it begins, one of them begins. Null unless those votes are at least two and
 * more than half, and no other stretch has as many.
 */
export function elected(votes: readonly RatioInterval[]): RatioInterval | null {
  const beginnings = votes
    .map(({ low }) => low)
    .filter((low, index, all) => all.findIndex((other) => same(other, low)) === index)
    .map((low) => ({ low, holders: votes.filter((vote) => holds(vote, low)) }));
  const most = Math.max(0, ...beginnings.map(({ holders }) => holders.length));
  const [first, ...others] = beginnings.filter(({ holders }) => holders.length === most);
  if (first === undefined || others.length > 0 || most < 2 || most * 2 <= votes.length) return null;
  return { low: first.low, high: first.holders.map(({ high }) => high).reduce(smaller) };
}
