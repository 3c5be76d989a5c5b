import { Decimal } from 'decimal.js';

/** Decimals of a precision that compares any amount a partner may send without rounding. */
const Exact = Decimal.clone({ precision: 1_000, toExpNeg: -9e15, toExpPos: 9e15 });

/** Largest number of characters; without a limit the sender would decide how long a comparison takes. */
const LONGEST_DECIMAL = 1_000;

/** Canonical form of a decimal: no exponent, no plus sign, no trailing zeros; null for what is no decimal. */
export function canonicalDecimal(value: string): string | null {
  if (value.length > LONGEST_DECIMAL) return null;
  if (!/^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d{1,3})?$/i.test(value)) return null;
  const decimal = new Exact(value);
  return decimal.isZero() ? '0' : decimal.toFixed();
}
