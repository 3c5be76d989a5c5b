import type { SetMovement } from './corporate-action';

/** The word that stands there most often; null where there is none, or several share the first place. */
export function mostFrequent(words: readonly string[]): string | null {
  return mostCounted(words.map((word) => [word, 1]));
}

/** The only word with the highest count; null where there is none, or several share the first place. */
export function mostCounted(counted: Iterable<readonly [word: string, count: number]>): string | null {
  const counts = new Map<string, number>();
  for (const [word, count] of counted) counts.set(word, (counts.get(word) ?? 0) + count);
  const most = Math.max(0, ...counts.values());
  const first = [...counts].filter(([, count]) => count === most);
  return first.length === 1 ? (first[0]?.[0] ?? null) : null;
}

/** True for money. */
export function isFiat({ instrument }: SetMovement): boolean {
  return instrument.startsWith('fiat:');
}

/** True for an amount below 0. */
export function isNegative({ amount }: SetMovement): boolean {
  return amount.startsWith('-');
}
