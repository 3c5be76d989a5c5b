import { agreedUnit, type Agreement, type Basis, type Claim, claimsOf } from './claims';
import type { HolderSet } from './corporate-action';
import { Exact, type Fraction, plain } from './exact';
import { NO_VOTES, type RatioConsensus, type RatioInterval, withVote } from './ratio';
import {
  countedWith,
  type FactCounts,
  factsOf,
  type Ground,
  groundOf,
  NO_FACTS,
  type SetFacts,
  wordsOfGround,
} from './set-facts';

/** The counts of all sets of a corporate action, kept from one round of judging to the next. */
export interface Counts {
  readonly facts: FactCounts;
  /** The ground on which the claims were made. */
  readonly ground: Ground;
  /** By new instrument. */
  readonly instruments: ReadonlyMap<string, InstrumentCount>;
}

/** The counts of one new instrument. */
export interface InstrumentCount {
  /** The number of sets that received it, by the smallest amount that the partner books of it. */
  readonly units: Readonly<Record<string, number>>;
  /** Null where votes have changed or contradict, so that all have to be looked at together. */
  readonly consensus: RatioConsensus | null;
}

/** The counts of no set. */
export const NO_COUNTS: Counts = { facts: NO_FACTS, ground: groundOf(NO_FACTS), instruments: new Map() };

/** A set as it is counted. */
export interface SetCount {
  readonly facts: SetFacts;
  readonly claims: readonly Claim[];
}

/** The set as it counts on the given basis. */
export function setCountOf(holder: HolderSet, basis: Basis): SetCount {
  return { facts: factsOf(holder, basis.aliased), claims: claimsOf(holder, basis) };
}

/** A change of what one set counts for; null: for nothing. Claims of before on another ground count for nothing any more. */
export interface CountChange {
  readonly before: SetCount | null;
  readonly hadSameGround: boolean;
  readonly after: SetCount | null;
}

/** The counts after changes of sets. */
export function withChanges(counts: Counts, changes: readonly CountChange[]): Counts {
  const facts = countedWith(
    counts.facts,
    changes.flatMap(({ after }) => after?.facts ?? []),
    changes.flatMap(({ before }) => before?.facts ?? []),
  );
  const instruments = new Map(counts.instruments);
  for (const { before, hadSameGround, after } of changes) {
    const old = hadSameGround ? (before?.claims ?? []) : [];
    const claims = after?.claims ?? [];
    for (const claim of without(old, claims)) withdraw(instruments, claim);
    for (const claim of without(claims, old)) enter(instruments, claim);
  }
  return { facts, ground: counts.ground, instruments };
}

/** The claims that are not among the others: one that stays as it is changes no count. */
function without(claims: readonly Claim[], others: readonly Claim[]): readonly Claim[] {
  return claims.filter((claim) => !others.some((one) => isSameClaim(one, claim)));
}

function withdraw(instruments: Map<string, InstrumentCount>, { instrument, unit, vote }: Claim): void {
  const known = instruments.get(instrument);
  if (known === undefined) return;
  const units = addedTo(known.units, plain(unit), -1);
  if (Object.keys(units).length === 0) instruments.delete(instrument);
  else instruments.set(instrument, { units, consensus: vote === null ? known.consensus : null });
}

function enter(instruments: Map<string, InstrumentCount>, { instrument, unit, vote }: Claim): void {
  const { units, consensus } = instruments.get(instrument) ?? { units: {}, consensus: NO_VOTES };
  instruments.set(instrument, {
    units: addedTo(units, plain(unit), 1),
    consensus: vote === null || consensus === null ? consensus : withVote(consensus, vote),
  });
}

function isSameClaim(a: Claim, b: Claim): boolean {
  return JSON.stringify(storedClaim(a)) === JSON.stringify(storedClaim(b));
}

function addedTo(units: InstrumentCount['units'], unit: string, count: number): InstrumentCount['units'] {
  const { [unit]: known, ...others } = units;
  const total = (known ?? 0) + count;
  return total > 0 ? { ...others, [unit]: total } : others;
}

/** All by which sets are judged, in words that differ where a judgement may differ. */
export function wordsOfConclusions(counts: Counts): string {
  const agreements = [...agreementsOfCounts(counts)].map(([name, { consensus, unit }]) => {
    const { ratio, extremes } = consensus;
    return [name, plain(unit), ratio === null ? ['not proved', storedInterval(extremes)] : storedInterval(ratio)];
  });
  return JSON.stringify([wordsOfGround(counts.ground), agreements]);
}

/** The agreements that the counts come to, in the order of instruments; those that have to be looked at together are left out. */
export function agreementsOfCounts({ instruments }: Counts): ReadonlyMap<string, Agreement> {
  return new Map(
    [...instruments]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([instrument, { units, consensus }]): [string, Agreement][] => {
        const unit = agreedUnit(Object.entries(units).map(([one, sets]) => [new Exact(one), sets]));
        return consensus === null ? [] : [[instrument, { consensus, unit }]];
      }),
  );
}

/** A fraction as it is stored: numerator and denominator. */
export type StoredFraction = readonly [numerator: string, denominator: string];

interface StoredInterval {
  readonly low: StoredFraction;
  readonly high: StoredFraction;
}

/** A set's count as it is stored. */
export interface StoredSetCount {
  readonly facts: SetFacts;
  readonly claims: readonly StoredClaim[];
}

interface StoredClaim {
  readonly instrument: string;
  readonly unit: string;
  readonly vote: StoredInterval | null;
}

/** The stored form of a set's count. */
export function storedSetCount({ facts, claims }: SetCount): StoredSetCount {
  return { facts, claims: claims.map(storedClaim) };
}

function storedClaim({ instrument, unit, vote }: Claim): StoredClaim {
  return { instrument, unit: plain(unit), vote: storedInterval(vote) };
}

/** A set's count from its stored form. */
export function setCountFrom({ facts, claims }: StoredSetCount): SetCount {
  const read = ({ instrument, unit, vote }: StoredClaim): Claim => ({
    ...{ instrument, unit: new Exact(unit), vote: intervalFrom(vote) },
  });
  return { facts, claims: claims.map(read) };
}

/** The counts of all sets as they are stored. */
export interface StoredCounts {
  readonly facts: FactCounts;
  readonly ground: Ground;
  readonly instruments: Readonly<Record<string, StoredInstrumentCount>>;
}

interface StoredInstrumentCount {
  readonly units: Readonly<Record<string, number>>;
  readonly consensus: StoredConsensus | null;
}

interface StoredConsensus extends Pick<RatioConsensus, 'votes' | 'agreeing'> {
  readonly ratio: StoredInterval | null;
  readonly extremes: StoredInterval | null;
}

/** The stored form of the counts of all sets. */
export function storedCounts({ facts, ground, instruments }: Counts): StoredCounts {
  const stored = ({ units, consensus }: InstrumentCount): StoredInstrumentCount => ({
    units,
    consensus: consensus === null ? null : storedConsensus(consensus),
  });
  const sorted = [...instruments].sort(([a], [b]) => (a < b ? -1 : 1));
  return { facts, ground, instruments: Object.fromEntries(sorted.map(([name, count]) => [name, stored(count)])) };
}

function storedConsensus({ votes, agreeing, ratio, extremes }: RatioConsensus): StoredConsensus {
  return { votes, agreeing, ratio: storedInterval(ratio), extremes: storedInterval(extremes) };
}

/** The counts of all sets from their stored form. */
export function countsFrom({ facts, ground, instruments }: StoredCounts): Counts {
  const read = ({ units, consensus }: StoredInstrumentCount): InstrumentCount => {
    if (consensus === null) return { units, consensus };
    const { votes, agreeing, ratio, extremes } = consensus;
    return { units, consensus: { votes, agreeing, ratio: intervalFrom(ratio), extremes: intervalFrom(extremes) } };
  };
  return {
    facts,
    ground,
    instruments: new Map(Object.entries(instruments).map(([name, count]) => [name, read(count)])),
  };
}

function storedInterval(interval: RatioInterval | null): StoredInterval | null {
  if (interval === null) return null;
  const stored = ({ numerator, denominator }: Fraction): StoredFraction => [plain(numerator), plain(denominator)];
  return { low: stored(interval.low), high: stored(interval.high) };
}

function intervalFrom(stored: StoredInterval | null): RatioInterval | null {
  return stored === null ? null : { low: fractionFrom(stored.low), high: fractionFrom(stored.high) };
}

/** A fraction from its stored form. */
export function fractionFrom([numerator, denominator]: StoredFraction): Fraction {
  return { numerator: new Exact(numerator), denominator: new Exact(denominator) };
}
