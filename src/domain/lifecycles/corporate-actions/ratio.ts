import { compareFractions, Exact, type Fraction } from './exact';

/** The open interval of ratios that one or more sets allow: low < new for old < high. */
export interface RatioInterval {
  readonly low: Fraction;
  readonly high: Fraction;
}

/** The ratio that the votes of all holders prove of one new instrument. A vote is the interval that a complete set proves. */
export interface RatioConsensus {
  /** The number of sets that prove something. */
  readonly votes: number;
  /** The number of them that agree. */
  readonly agreeing: number;
  /** The interval that most sets agree on; null where it is not proved. */
  readonly ratio: RatioInterval | null;
  /** The highest low end and the lowest high end of all votes, which cross where they do not all agree; null without votes. */
  readonly extremes: RatioInterval | null;
}

/** The consensus before any vote. */
export const NO_VOTES: RatioConsensus = { votes: 0, agreeing: 0, ratio: null, extremes: null };

/** A ratio needs two holders beside the one that is judged by it: a set that is judged by it is no evidence of it. */
const FEWEST_AGREEING = 2;

/** The consensus of votes: the interval of more than half of them, and of at least two; none where two intervals compete. */
export function consensusOf(votes: readonly RatioInterval[]): RatioConsensus {
  let consensus = NO_VOTES;
  for (const vote of votes) {
    const joined = withVote(consensus, vote);
    if (joined === null) return sweptConsensus(votes);
    consensus = joined;
  }
  return consensus;
}

/**
 * The consensus with one vote more; null where not all agree, so that all votes have to be looked at together. Nearly
 * always all agree, and ten thousand votes need no sorting then.
 */
export function withVote({ votes, agreeing, extremes }: RatioConsensus, vote: RatioInterval): RatioConsensus | null {
  if (votes !== agreeing) return null;
  const common = extremes === null ? vote : intersection(extremes, vote);
  if (compareFractions(common.low, common.high) >= 0) return null;
  const count = votes + 1;
  return { votes: count, agreeing: count, ratio: count >= FEWEST_AGREEING ? common : null, extremes: common };
}

function intersection(a: RatioInterval, b: RatioInterval): RatioInterval {
  return {
    low: compareFractions(a.low, b.low) >= 0 ? a.low : b.low,
    high: compareFractions(a.high, b.high) <= 0 ? a.high : b.high,
  };
}

function sweptConsensus(votes: readonly RatioInterval[]): RatioConsensus {
  const points = votes.flatMap(({ low, high }): RatioPoint[] => [
    { at: low, opens: 1, closes: 0 },
    { at: high, opens: 0, closes: 1 },
  ]);
  const sweep = createRatioSweep();
  for (const point of points.sort((a, b) => compareFractions(a.at, b.at))) sweep.take(point);
  return sweep.consensus();
}

/** A point at which votes begin or end. */
export interface RatioPoint {
  readonly at: Fraction;
  readonly opens: number;
  readonly closes: number;
}

/** The sweep over all points in ascending order, which finds where the most votes overlap; it remembers a few of them only. */
export interface RatioSweep {
  /** Takes a point that is not below the one before; one at the same place is added to it. */
  take(point: RatioPoint): void;
  consensus(): RatioConsensus;
}

/** The sweep that has seen no point yet. */
export function createRatioSweep(): RatioSweep {
  let state: SweepState = { ...NOT_BEGUN };
  return {
    take(point) {
      const { pending } = state;
      const isSame = pending !== null && compareFractions(pending.at, point.at) === 0;
      if (!isSame) state = { ...passed(state), pending: point };
      else {
        const { opens, closes } = pending;
        state = { ...state, pending: { at: pending.at, opens: opens + point.opens, closes: closes + point.closes } };
      }
    },
    consensus: () => consensusAfter(passed(state)),
  };
}

interface SweepState {
  /** The latest point, to which others at the same place may still be added. */
  readonly pending: RatioPoint | null;
  /** The point before it, where votes began and none has ended since. */
  readonly opened: Fraction | null;
  readonly overlapping: number;
  readonly votes: number;
  readonly most: { readonly interval: RatioInterval; readonly agreeing: number; readonly isShared: boolean } | null;
  readonly firstEnd: Fraction | null;
  readonly lastBeginning: Fraction | null;
}

const NOT_BEGUN: SweepState = {
  ...{ pending: null, opened: null, overlapping: 0, votes: 0, most: null },
  ...{ firstEnd: null, lastBeginning: null },
};

/** The state once the pending point is behind; what ends there ends before what begins, because no end is part of an interval. */
function passed(state: SweepState): SweepState {
  const { pending, opened, overlapping, most } = state;
  if (pending === null) return state;
  const { at, opens, closes } = pending;
  const isRegion = opened !== null && closes > 0;
  return {
    pending: null,
    opened: opens > 0 ? at : null,
    overlapping: overlapping + opens - closes,
    votes: state.votes + opens,
    most: isRegion ? larger(most, { low: opened, high: at }, overlapping) : most,
    firstEnd: state.firstEnd ?? (closes > 0 ? at : null),
    lastBeginning: opens > 0 ? at : state.lastBeginning,
  };
}

function larger(most: SweepState['most'], interval: RatioInterval, agreeing: number): SweepState['most'] {
  if (most === null || agreeing > most.agreeing) return { interval, agreeing, isShared: false };
  return agreeing === most.agreeing ? { ...most, isShared: true } : most;
}

function consensusAfter({ votes, most, firstEnd, lastBeginning }: SweepState): RatioConsensus {
  if (most === null || firstEnd === null || lastBeginning === null) return NO_VOTES;
  const extremes = { low: lastBeginning, high: firstEnd };
  if (most.isShared) return { votes, agreeing: 0, ratio: null, extremes };
  const { interval, agreeing } = most;
  const isProved = agreeing >= FEWEST_AGREEING && agreeing * 2 > votes;
  return { votes, agreeing, ratio: isProved ? interval : null, extremes };
}

/** True where a vote overlaps every other one, each by itself. */
export function overlapsAll({ extremes }: RatioConsensus, vote: RatioInterval): boolean {
  return extremes === null || overlap(vote, extremes);
}

/**
 * The open interval that q old and n new prove; `unit` is the smallest amount the partner books. Whether it cuts off or
 * rounds is not known, so the last digit says nothing.
 */
export function ratioIntervalOf(old: Exact, received: Exact, unit: Exact): RatioInterval {
  return {
    low: { numerator: Exact.max(received.minus(unit), 0), denominator: old },
    high: { numerator: received.plus(unit), denominator: old },
  };
}

/** True where some ratio is in both intervals. */
export function overlap(a: RatioInterval, b: RatioInterval): boolean {
  return compareFractions(a.low, b.high) < 0 && compareFractions(b.low, a.high) < 0;
}

/** The open interval of what an old quantity gives. */
export function expectedInterval({ low, high }: RatioInterval, old: Exact): RatioInterval {
  const times = ({ numerator, denominator }: Fraction): Fraction => ({ numerator: numerator.times(old), denominator });
  return { low: times(low), high: times(high) };
}

/**
 * The least and the most that an old quantity gives, as the partner can book it: the whole units within the open interval;
 * where it holds none, the one below and the one above it.
 */
export function bookable(ratio: RatioInterval, old: Exact, unit: Exact): { readonly low: Exact; readonly high: Exact } {
  const expected = expectedInterval(ratio, old);
  const below = unitsIn(expected.low, unit).units;
  const above = unitsIn(expected.high, unit);
  const last = above.isExact ? above.units.minus(1) : above.units;
  const [low, high] = last.gt(below) ? [below.plus(1), last] : [below, below.plus(1)];
  return { low: low.times(unit), high: high.times(unit) };
}

function unitsIn(
  { numerator, denominator }: Fraction,
  unit: Exact,
): { readonly units: Exact; readonly isExact: boolean } {
  const divisor = denominator.times(unit);
  const units = numerator.divToInt(divisor);
  return { units, isExact: units.times(divisor).eq(numerator) };
}
