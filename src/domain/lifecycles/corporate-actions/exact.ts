import { Decimal } from 'decimal.js';

/** The exact decimals: products of amounts may not be rounded, or a holder a unit away from the boundary is judged wrongly. */
export const Exact = Decimal.clone({ precision: 1_000, toExpNeg: -9e15, toExpPos: 9e15 });

/** An exact decimal. */
export type Exact = Decimal;

/** A fraction that is compared by cross-multiplication and never divided; the denominator is above 0. */
export interface Fraction {
  readonly numerator: Exact;
  readonly denominator: Exact;
}

/** The order of two fractions: below 0, 0 or above 0, as a is below, equal to or above b. */
export function compareFractions(a: Fraction, b: Fraction): number {
  return a.numerator.times(b.denominator).comparedTo(b.numerator.times(a.denominator));
}

/** A whole amount of units as a plain decimal string. */
export function plain(value: Exact): string {
  return value.isZero() ? '0' : value.toFixed();
}

const Shown = Decimal.clone({ precision: 40, toExpNeg: -9e15, toExpPos: 9e15 });

/** A fraction for people: cut to 40 digits, downwards or upwards, so that an interval is never shown narrower than it is. */
export function shown({ numerator, denominator }: Fraction, towards: 'down' | 'up'): string {
  const rounding = towards === 'down' ? Decimal.ROUND_FLOOR : Decimal.ROUND_CEIL;
  return plain(new (Shown.clone({ rounding }))(numerator).div(denominator));
}
