import { compareFractions, type Exact, type Fraction } from './exact';

/** The stretch of ratios that one or more sets allow: low ≤ new for old < high. */
export interface Stretch {
  readonly low: Fraction;
  readonly high: Fraction;
}

/** What one holder's complete set proves: the partner cuts off, so q old and n new mean n/q ≤ r < (n + u)/q. */
export interface Vote {
  readonly userId: string;
  readonly stretch: Stretch;
}

/** What the votes on one new instrument say together. */
export interface Ballot {
  readonly votes: readonly Vote[];
  /** The stretch that most sets agree on; null where it is not proved. */
  readonly ratio: Stretch | null;
  readonly agreeing: number;
}

/** The stretch that q old and n new prove; `unit` is the smallest amount the partner books. */
export function stretchOf(old: Exact, received: Exact, unit: Exact): Stretch {
  return {
    low: { numerator: received, denominator: old },
    high: { numerator: received.plus(unit), denominator: old },
  };
}

/** True where some ratio is in both stretches. */
export function overlap(a: Stretch, b: Stretch): boolean {
  return compareFractions(a.low, b.high) < 0 && compareFractions(b.low, a.high) < 0;
}

function common(a: Stretch, b: Stretch): Stretch {
  return {
    low: compareFractions(a.low, b.low) >= 0 ? a.low : b.low,
    high: compareFractions(a.high, b.high) <= 0 ? a.high : b.high,
  };
}

function isEmpty({ low, high }: Stretch): boolean {
  return compareFractions(low, high) >= 0;
}

interface Edge {
  readonly at: Fraction;
  readonly opens: boolean;
}

/** Edges in the order of their ratios; where one stretch ends as another begins it ends first, because its end is not part of it. */
function edgesOf(votes: readonly Vote[]): readonly Edge[] {
  const edges = votes.flatMap(({ stretch }): Edge[] => [
    { at: stretch.low, opens: true },
    { at: stretch.high, opens: false },
  ]);
  return edges.sort((a, b) => compareFractions(a.at, b.at) || Number(a.opens) - Number(b.opens));
}

interface Region {
  readonly stretch: Stretch;
  readonly depth: number;
}

/** The regions in which the most stretches lie over each other. */
function deepest(votes: readonly Vote[]): readonly Region[] {
  const edges = edgesOf(votes);
  let regions: readonly Region[] = [];
  let depth = 0;
  for (const [index, edge] of edges.entries()) {
    depth += edge.opens ? 1 : -1;
    const next = edges[index + 1];
    if (!edge.opens || next === undefined || next.opens) continue;
    const region = { stretch: { low: edge.at, high: next.at }, depth };
    const most = regions[0]?.depth ?? 0;
    if (depth > most) regions = [region];
    else if (depth === most) regions = [...regions, region];
  }
  return regions;
}

/** A ratio needs two holders beside the one that is judged by it; a set that is judged by it never voted for it. */
const FEWEST_AGREEING = 2;

/** The stretch that more than half of the votes, and at least two, agree on; nothing where two stretches compete. */
export function count(votes: readonly Vote[]): Ballot {
  const [first, ...others] = votes;
  if (first === undefined) return { votes, ratio: null, agreeing: 0 };
  // Nearly always all agree, and ten thousand votes need no sorting then.
  const all = others.reduce((stretch, vote) => common(stretch, vote.stretch), first.stretch);
  if (!isEmpty(all)) return { votes, ratio: votes.length >= FEWEST_AGREEING ? all : null, agreeing: votes.length };
  const regions = deepest(votes);
  const [region] = regions;
  if (region === undefined || regions.length > 1) return { votes, ratio: null, agreeing: 0 };
  const isProved = region.depth >= FEWEST_AGREEING && region.depth * 2 > votes.length;
  return { votes, ratio: isProved ? region.stretch : null, agreeing: region.depth };
}

/** The least and the most that an old quantity gives: whole units, cut off as the partner does. */
export function bounds({ low, high }: Stretch, old: Exact, unit: Exact): { readonly low: Exact; readonly high: Exact } {
  const lowUnits = old.times(low.numerator).divToInt(low.denominator.times(unit));
  const product = old.times(high.numerator);
  const divisor = high.denominator.times(unit);
  const whole = product.divToInt(divisor);
  // The ratio stays below its high end: what fits exactly there is one unit too much.
  const highUnits = whole.times(divisor).eq(product) ? whole.minus(1) : whole;
  return { low: lowUnits.times(unit), high: highUnits.times(unit) };
}
