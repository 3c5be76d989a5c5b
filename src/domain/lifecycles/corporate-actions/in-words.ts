import type { Break, Unknown } from './corporate-action';

/** A break in one line. */
export function breakInWords({ kind, leg, instrument, expected, found }: Break): string {
  const words = [
    kind,
    leg,
    instrument,
    expected === null ? null : `expected ${expected}`,
    found === null ? null : `found ${found}`,
  ];
  return words.filter((word) => word !== null).join(' ');
}

/** The reasons why a set is unverified, each in one line. Of a set that 0.2.0 judged none is kept. */
export function unknownsInWords(unknowns: readonly Unknown[]): readonly string[] {
  if (unknowns.length === 0) return ['what is known does not decide it'];
  return unknowns.map(({ reason, missing }) => (missing.length === 0 ? reason : `${reason} (${missing.join(', ')})`));
}
