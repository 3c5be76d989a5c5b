import { compareFractions, type Exact, type Fraction } from './exact';

/** The interval of ratios that one or more sets allow: low ≤ new for old < high. */
export interface RatioInterval {
  readonly low: Fraction;
  readonly high: Fraction;
}

/** The interval that one holder's complete set proves: the partner cuts off, so q old and n new mean n/q ≤ r < (n + u)/q. */
export interface RatioEvidence {
  readonly userId: string;
  readonly interval: RatioInterval;
}

/** The evidence of all holders on one new instrument, and the ratio that it proves together. */
export interface RatioConsensus {
  readonly evidence: readonly RatioEvidence[];
  /** The interval that most sets agree on; null where it is not proved. */
  readonly ratio: RatioInterval | null;
  readonly agreeing: number;
}

/** A ratio needs two holders beside the one that is judged by it: a set that is judged by it is no evidence of it. */
const FEWEST_AGREEING = 2;

/** The consensus of the evidence: the interval of more than half of the sets, and of at least two; none where two intervals compete. */
export function consensusOf(evidence: readonly RatioEvidence[]): RatioConsensus {
  const [first, ...others] = evidence;
  if (first === undefined) return { evidence, ratio: null, agreeing: 0 };
  // Nearly always all agree, and ten thousand intervals need no sorting then.
  const all = others.reduce((interval, other) => common(interval, other.interval), first.interval);
  if (!isEmpty(all))
    return { evidence, ratio: evidence.length >= FEWEST_AGREEING ? all : null, agreeing: evidence.length };
  const regions = mostAgreedRegions(evidence);
  const [region] = regions;
  if (region === undefined || regions.length > 1) return { evidence, ratio: null, agreeing: 0 };
  const isProved = region.agreeing >= FEWEST_AGREEING && region.agreeing * 2 > evidence.length;
  return { evidence, ratio: isProved ? region.interval : null, agreeing: region.agreeing };
}

function common(a: RatioInterval, b: RatioInterval): RatioInterval {
  return {
    low: compareFractions(a.low, b.low) >= 0 ? a.low : b.low,
    high: compareFractions(a.high, b.high) <= 0 ? a.high : b.high,
  };
}

function isEmpty({ low, high }: RatioInterval): boolean {
  return compareFractions(low, high) >= 0;
}

interface Region {
  readonly interval: RatioInterval;
  readonly agreeing: number;
}

/** The regions in which the most intervals overlap. */
function mostAgreedRegions(evidence: readonly RatioEvidence[]): readonly Region[] {
  const edges = edgesOf(evidence);
  let regions: readonly Region[] = [];
  let agreeing = 0;
  for (const [index, edge] of edges.entries()) {
    agreeing += edge.opens ? 1 : -1;
    const next = edges[index + 1];
    if (!edge.opens || next === undefined || next.opens) continue;
    const region = { interval: { low: edge.at, high: next.at }, agreeing };
    const most = regions[0]?.agreeing ?? 0;
    if (agreeing > most) regions = [region];
    else if (agreeing === most) regions = [...regions, region];
  }
  return regions;
}

interface Edge {
  readonly at: Fraction;
  readonly opens: boolean;
}

/** Edges in the order of their ratios; where one interval ends as another begins it ends first, because its end is not part of it. */
function edgesOf(evidence: readonly RatioEvidence[]): readonly Edge[] {
  const edges = evidence.flatMap(({ interval }): Edge[] => [
    { at: interval.low, opens: true },
    { at: interval.high, opens: false },
  ]);
  return edges.sort((a, b) => compareFractions(a.at, b.at) || Number(a.opens) - Number(b.opens));
}

/** The interval that q old and n new prove; `unit` is the smallest amount the partner books. */
export function ratioIntervalOf(old: Exact, received: Exact, unit: Exact): RatioInterval {
  return {
    low: { numerator: received, denominator: old },
    high: { numerator: received.plus(unit), denominator: old },
  };
}

/** True where some ratio is in both intervals. */
export function overlap(a: RatioInterval, b: RatioInterval): boolean {
  return compareFractions(a.low, b.high) < 0 && compareFractions(b.low, a.high) < 0;
}

/** The least and the most that an old quantity gives: whole units, cut off as the partner does. */
export function bounds(
  { low, high }: RatioInterval,
  old: Exact,
  unit: Exact,
): { readonly low: Exact; readonly high: Exact } {
  const lowUnits = old.times(low.numerator).divToInt(low.denominator.times(unit));
  const product = old.times(high.numerator);
  const divisor = high.denominator.times(unit);
  const units = product.divToInt(divisor);
  // The ratio stays below its high end: what fits exactly there is one unit too much.
  const highUnits = units.times(divisor).eq(product) ? units.minus(1) : units;
  return { low: lowUnits.times(unit), high: highUnits.times(unit) };
}
