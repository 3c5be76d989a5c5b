import { median, rounded } from './summary';

/** Measures once, per second. */
export type Measure = () => Promise<number>;

/** The two sides of a comparison. */
export interface Sides {
  readonly ours: Measure;
  readonly theirs: Measure;
}

/** How a comparison with another checkout is made. */
export interface BesideOptions {
  /** The other checkout, built. */
  readonly folder: string;
  readonly pairs: number;
  readonly progress: (text: string) => void;
}

/** One measurement of this checkout beside another one's. */
export interface Comparison {
  readonly name: string;
  readonly units: string;
  readonly pairs: number;
  readonly median: { readonly ours: number; readonly theirs: number };
  /** Ours over theirs. */
  readonly ratio: number;
  /** Where the median of the ratio lies with 95 %; null for fewer than six pairs, which cannot say. */
  readonly interval: readonly [number, number] | null;
  readonly ratios: readonly number[];
}

/** Measures both sides of a pair one right after the other, each first in every second pair: what disturbs one, disturbs both. */
export async function compare(
  { name, units }: Pick<Comparison, 'name' | 'units'>,
  measures: Sides,
  { pairs, progress }: BesideOptions,
): Promise<Comparison> {
  const results = { ours: Array<number>(), theirs: Array<number>() };
  const ratios: number[] = [];
  const order = ['ours', 'theirs'] as const;
  for (let pair = 1; pair <= pairs; pair += 1) {
    const measured = { ours: 0, theirs: 0 };
    for (const side of pair % 2 === 1 ? order : order.toReversed()) {
      measured[side] = await measures[side]();
      results[side].push(measured[side]);
    }
    const ratio = measured.ours / measured.theirs;
    ratios.push(ratio);
    const seen = `${measured.ours.toFixed(1)} over ${measured.theirs.toFixed(1)}`;
    progress(`${name}: pair ${String(pair)} of ${String(pairs)}: ${ratio.toFixed(3)} (${seen})`);
  }
  return {
    ...{ name, units, pairs },
    median: { ours: rounded(median(results.ours)), theirs: rounded(median(results.theirs)) },
    ratio: rounded(median(ratios)),
    interval: medianInterval(ratios),
    ratios: ratios.map(rounded),
  };
}

/**
 * The 95 % interval of a median by order statistics, which asks nothing of the distribution: a value lies below the
 * median with probability one half, so how many of them do is binomial.
 */
export function medianInterval(values: readonly number[]): readonly [number, number] | null {
  const sorted = values.toSorted((a, b) => a - b);
  let left = 0;
  let probability = 0.5 ** sorted.length;
  for (let tail = probability; tail <= 0.025; tail += probability) {
    left += 1;
    probability *= (sorted.length - left + 1) / left;
  }
  const [low, high] = [sorted[left - 1], sorted[sorted.length - left]];
  return low === undefined || high === undefined ? null : [rounded(low), rounded(high)];
}
