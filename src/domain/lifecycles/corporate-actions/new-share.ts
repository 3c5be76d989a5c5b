import { FINE, type Part, partOf, unknownPart } from './assessment';
import type { Bounds, SetMovement } from './corporate-action';
import { compareFractions, Exact, type Fraction, plain, shown } from './exact';
import { breakAt, missing } from './own-breaks';
import {
  bookable,
  expectedInterval,
  overlap,
  overlapsAll,
  type RatioConsensus,
  type RatioInterval,
  ratioIntervalOf,
} from './ratio';

/** The new instruments as all holders' sets show them. */
export interface NewInstruments {
  readonly consensusByInstrument: ReadonlyMap<string, RatioConsensus>;
  /** The smallest amount of the instrument that the partner books. */
  readonly unitOf: (instrument: string) => Exact;
}

/** The facts by which a set's share of one new instrument is assessed. */
export interface NewShare {
  readonly instrument: string;
  readonly share: SetMovement | undefined;
  /** The quantity of the old share that entitles to it. */
  readonly old: Exact;
  readonly before: Exact | null;
  readonly unit: Exact;
  readonly consensus: RatioConsensus;
}

/** The facts of a set beside its new share. */
export interface Beside {
  readonly cashInLieu: boolean;
  /** True where the old share came back in another quantity, which is a break already. */
  readonly oldLegsDiffer: boolean;
}

/** The assessment of a set's share of one new instrument. */
export function assessNewShare(newShare: NewShare, { cashInLieu, oldLegsDiffer }: Beside): Part {
  const { share } = newShare;
  if (share === undefined) return cashInLieu ? assessPaidInstead(newShare) : assessAbsent(newShare);
  if (cashInLieu) return assessWithCash(newShare, share);
  return oldLegsDiffer ? FINE : assessPresent(newShare, share);
}

function assessAbsent(newShare: NewShare): Part {
  const { instrument, old, before, unit, consensus } = newShare;
  const { ratio } = consensus;
  if (ratio === null) return unknownPart('ratio not known', [instrument]);
  if (isAtMost(expectedInterval(ratio, old).high, unit)) {
    // More was held before: sold in part since the record date, it may entitle to more than what is left of it.
    const mayGiveMore = before?.gt(old) === true && !isAtMost(expectedInterval(ratio, before).high, unit);
    return mayGiveMore ? tooWide(instrument) : { ...FINE, verdict: 'new-share-too-small' };
  }
  return isBelow(expectedInterval(ratio, old).low, unit) ? tooWide(instrument) : lost(newShare, ratio);
}

function isAtMost({ numerator, denominator }: Fraction, amount: Exact): boolean {
  return numerator.lte(denominator.times(amount));
}

function isBelow({ numerator, denominator }: Fraction, amount: Exact): boolean {
  return numerator.lt(denominator.times(amount));
}

function tooWide(instrument: string): Part {
  return unknownPart('ratio not close enough', [instrument]);
}

function lost({ instrument, old, unit }: NewShare, ratio: RatioInterval): Part {
  return partOf([missing('new-in', instrument, plain(bookable(ratio, old, unit).low))]);
}

const WHOLE_SHARE = new Exact(1);

/** With money and without a share: right only where less than one whole share was expected. */
export function assessPaidInstead(newShare: NewShare): Part {
  const { instrument, old, unit, consensus } = newShare;
  const { ratio } = consensus;
  if (ratio === null) return unknownPart('ratio not known', [instrument]);
  const { low, high } = bookable(ratio, old, unit);
  if (high.lt(WHOLE_SHARE)) return FINE;
  return low.lt(WHOLE_SHARE) ? tooWide(instrument) : lost(newShare, ratio);
}

/** With money for the fraction the new share may be rounded down to whole shares, or anything between that and what is expected. */
function assessWithCash(newShare: NewShare, share: SetMovement): Part {
  const { instrument, old, before, consensus } = newShare;
  const { ratio, extremes } = consensus;
  if (ratio === null) {
    const isContradicted = extremes !== null && compareFractions(extremes.low, extremes.high) >= 0;
    const fits = extremes === null || fitsWithCash(newShare, share, extremes, old) === 'fits';
    return fits && !isContradicted ? FINE : unknownPart('ratio not known', [instrument]);
  }
  const fit = fitsWithCash(newShare, share, ratio, old);
  if (fit === 'fits') return FINE;
  if (before?.gt(old) === true && fitsWithCash(newShare, share, ratio, before) === 'fits') return FINE;
  return fit === 'may fit' ? tooWide(instrument) : differs(newShare, share, ratio);
}

type Fit = 'fits' | 'may fit' | 'differs';

function fitsWithCash({ unit }: NewShare, { amount }: SetMovement, ratio: RatioInterval, quantity: Exact): Fit {
  const found = new Exact(amount);
  const isTooMuch = !isAbove(expectedInterval(ratio, quantity).high, found.minus(unit));
  const { low, high } = bookable(ratio, quantity, unit);
  if (isTooMuch || found.lt(low.floor())) return 'differs';
  return found.lt(high.floor()) ? 'may fit' : 'fits';
}

function isAbove({ numerator, denominator }: Fraction, amount: Exact): boolean {
  return numerator.gt(denominator.times(amount));
}

function assessPresent(newShare: NewShare, share: SetMovement): Part {
  const { instrument, old, unit, consensus } = newShare;
  const { ratio } = consensus;
  const proved = ratioIntervalOf(old, new Exact(share.amount), unit);
  if (ratio === null) return overlapsAll(consensus, proved) ? FINE : unknownPart('ratio not known', [instrument]);
  if (overlap(proved, ratio) || fitsBefore(share, ratio, newShare)) return FINE;
  return differs(newShare, share, ratio);
}

/** A share that was sold in part since the record date entitles by what was held before. */
function fitsBefore(share: SetMovement, ratio: RatioInterval, { old, before, unit }: NewShare): boolean {
  if (before === null || before.lte(old)) return false;
  return overlap(ratioIntervalOf(before, new Exact(share.amount), unit), ratio);
}

function differs({ old, unit }: NewShare, share: SetMovement, ratio: RatioInterval): Part {
  return partOf([breakAt('ratio-differs', share, 'new-in', plain(bookable(ratio, old, unit).low))]);
}

/** The open intervals of what a quantity gives of each new instrument, as decimals that never show one narrower than it is. */
export function expectedOf(
  { consensusByInstrument }: NewInstruments,
  quantity: Exact | null,
): Readonly<Record<string, Bounds>> {
  if (quantity === null || quantity.lte(0)) return {};
  return Object.fromEntries(
    [...consensusByInstrument].flatMap(([instrument, { ratio }]) => {
      if (ratio === null) return [];
      const { low, high } = expectedInterval(ratio, quantity);
      return [[instrument, { low: shown(low, 'down'), high: shown(high, 'up') }]];
    }),
  );
}
