import type { HolderSet, SetMovement } from './corporate-action';
import { type IdStyle, rarerStyles, stylesOf } from './id-styles';
import { legsOf } from './legs';
import { newInstrumentsOf, type Reception } from './new-instruments';
import { isFiat, isNegative, mostCounted, mostFrequent } from './old-instrument';

/** The facts of one set that count whatever other holders' sets hold. Every list is sorted, each word once. */
export interface SetFacts {
  /** Shares that are given away; one that came back, and was booked again, is not. */
  readonly givenAway: readonly string[];
  /** Shares of which more movements came than went. */
  readonly received: readonly string[];
  readonly types: readonly string[];
  /** The type of most of its movements; null where two are as frequent. */
  readonly type: string | null;
  readonly styles: readonly IdStyle[];
  /** True where a share is given away and one is received, be it the same. */
  readonly exchanges: boolean;
}

/** The facts of a set; `aliased` are the instruments whose other id is known. */
export function factsOf({ movements }: Pick<HolderSet, 'movements'>, aliased: ReadonlySet<string>): SetFacts {
  const sides = sidesOf(movements);
  const left = legsOf(movements, 'stock_split', null).shares;
  return {
    givenAway: sides.filter(({ out, into }) => out > 0 && out >= into).map(({ instrument }) => instrument),
    received: sides.filter(({ out, into }) => into > out).map(({ instrument }) => instrument),
    types: [...new Set(movements.map(({ type }) => type))].sort(),
    type: mostFrequent(movements.map(({ type }) => type)),
    styles: [...stylesOf(movements, aliased)].sort(),
    exchanges: left.some(isNegative) && !left.every(isNegative),
  };
}

/** The number of movements of each share, out and in. */
function sidesOf(movements: readonly SetMovement[]) {
  const shares = movements.filter((one) => !isFiat(one));
  return [...new Set(shares.map(({ instrument }) => instrument))].sort().map((instrument) => {
    const own = shares.filter((one) => one.instrument === instrument);
    const out = own.filter(isNegative).length;
    return { instrument, out, into: own.length - out };
  });
}

/** Facts, and the number of sets that have them. */
export interface CountedFacts {
  readonly facts: SetFacts;
  readonly sets: number;
}

/** The facts of all sets, counted, by their words: nearly all sets of a corporate action have the same. */
export type FactCounts = Readonly<Record<string, CountedFacts>>;

/** The counts of no set. */
export const NO_FACTS: FactCounts = {};

/** The counts with some sets' facts more, and others' less. */
export function countedWith(
  counts: FactCounts,
  added: readonly SetFacts[],
  removed: readonly SetFacts[] = [],
): FactCounts {
  const totals = new Map(Object.entries(counts));
  const add = (facts: SetFacts, count: number): void => {
    const key = keyOf(facts);
    totals.set(key, { facts, sets: (totals.get(key)?.sets ?? 0) + count });
  };
  for (const facts of added) add(facts, 1);
  for (const facts of removed) add(facts, -1);
  return Object.fromEntries([...totals].filter(([, { sets }]) => sets > 0));
}

/** The facts in one order of words: the database keeps objects in an order of its own. */
function keyOf({ givenAway, received, types, type, styles, exchanges }: SetFacts): string {
  return JSON.stringify([givenAway, received, types, type, styles, exchanges]);
}

/** The ground on which every set of a corporate action is judged: what most of them say. */
export interface Ground {
  /** The instrument that most holders give away; null while nobody does, or where two share the first place. */
  readonly old: string | null;
  /** The type of most sets; null where two are as frequent, and each set is judged by the type of most of its own movements. */
  readonly type: string | null;
  /** The kinds of ids in which a set says nothing for sure. */
  readonly rarerStyles: readonly IdStyle[];
  /** The new instruments of an exchange, sorted. */
  readonly news: readonly string[];
  /** True where enough holders of a split show that a share goes and another number of it, or another share, comes. */
  readonly exchanges: boolean;
}

/** The ground in words that are the same for the same ground, also where the database kept it. */
export function wordsOfGround({ old, type, rarerStyles: rarer, news, exchanges }: Ground): string {
  return JSON.stringify([old, type, rarer, news, exchanges]);
}

/** The ground that the counts give. */
export function groundOf(counts: FactCounts): Ground {
  const counted = Object.values(counts);
  const by = (wordsOf: (facts: SetFacts) => readonly string[]): readonly (readonly [string, number])[] =>
    counted.flatMap(({ facts, sets }) => wordsOf(facts).map((word) => [word, sets] as const));
  const old = mostCounted(by(({ givenAway }) => givenAway));
  const type = mostCounted(by(({ types }) => types));
  const rarer = rarerStyles(totalsOf(by(({ styles }) => styles)));
  const resolved = counted.filter(({ facts }) => !facts.styles.some((style) => rarer.includes(style)));
  return {
    old,
    type,
    rarerStyles: rarer,
    news: old === null ? [] : newInstrumentsOf(resolved.map((one) => receptionOf(one, old, type))),
    exchanges: isSplit(type) && areExchanged(resolved),
  };
}

/** Only sets that exchange shares say anything of new ones. */
function receptionOf({ facts, sets }: CountedFacts, old: string, type: string | null): Reception {
  const received = KEEPS_OLD.has(type ?? facts.type) ? facts.received : [];
  return { instruments: received.filter((instrument) => instrument !== old), holders: sets };
}

/** The types that exchange shares, and whether the old one comes back. */
export const KEEPS_OLD: ReadonlyMap<string | null, boolean> = new Map([
  ['spin_off', true],
  ['merger_stock', false],
]);

/** The instrument that most holders give away; null while nobody does, or where two share the first place. */
export function oldInstrumentOf(holders: readonly Pick<HolderSet, 'movements'>[]): string | null {
  return mostCounted(holders.flatMap((holder) => factsOf(holder, new Set()).givenAway.map((one) => [one, 1] as const)));
}

function totalsOf(counted: readonly (readonly [string, number])[]): Readonly<Record<string, number>> {
  const totals = new Map<string, number>();
  for (const [word, sets] of counted) totals.set(word, (totals.get(word) ?? 0) + sets);
  return Object.fromEntries(totals);
}

/** True for a type by which a number of shares becomes another. */
export function isSplit(type: string | null): boolean {
  return type === 'stock_split' || type === 'reverse_stock_split';
}

/** A tenth of the other holders, as with new instruments: the fault of one decides nothing for sixty. */
function areExchanged(counted: readonly CountedFacts[]): boolean {
  const number = (wanted: (facts: SetFacts) => boolean): number =>
    counted.filter(({ facts }) => wanted(facts)).reduce((sum, { sets }) => sum + sets, 0);
  const exchanging = number(({ exchanges }) => exchanges);
  const moving = number(({ givenAway, received }) => givenAway.length + received.length > 0);
  return exchanging > 0 && exchanging * 10 >= moving - 1;
}
