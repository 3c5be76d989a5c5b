/** Result of one benchmark: medians and spread over its rounds, and the ratio of `ours` to each baseline. */
export interface Summary {
  readonly name: string;
  readonly rounds: number;
  readonly median: Readonly<Record<string, number>>;
  readonly spread: Readonly<Record<string, number>>;
  readonly ratio: Readonly<Record<string, number>>;
  readonly units: string;
}

/** The value in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? 0)) / 2;
}

/** Three digits after the point. */
export function rounded(value: number): number {
  return Number(value.toFixed(3));
}

/** Summary of interleaved rounds; `ours` is one of the variants. Spread is the range over the median. */
export function summarise(name: string, units: string, results: Readonly<Record<string, readonly number[]>>): Summary {
  const entries = Object.entries(results);
  const medians = Object.fromEntries(entries.map(([variant, values]) => [variant, rounded(median(values))]));
  const spread = entries.map(([variant, values]) => [
    variant,
    rounded((Math.max(...values) - Math.min(...values)) / median(values)),
  ]);
  const ours = median(results.ours ?? []);
  const ratio = entries
    .filter(([variant]) => variant !== 'ours')
    .map(([variant, values]) => [variant, rounded(ours / median(values))]);
  return {
    name,
    rounds: Math.min(...entries.map(([, values]) => values.length)),
    median: medians,
    spread: Object.fromEntries(spread),
    ratio: Object.fromEntries(ratio),
    units,
  };
}
