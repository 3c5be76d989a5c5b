import type { HolderSet } from './corporate-action';
import { type IdStyle, rarerStyles, stylesOf } from './id-styles';
import { isFiat, isNegative, mostCounted } from './old-instrument';

/** The facts of one set that count whatever other holders' sets hold. */
export interface SetFacts {
  /** Instruments that are given away, each once. */
  readonly givenAway: readonly string[];
  readonly types: readonly string[];
  readonly styles: readonly IdStyle[];
  readonly receives: boolean;
}

/** The facts of a set; `aliased` are the instruments whose other id is known. */
export function factsOf({ movements }: Pick<HolderSet, 'movements'>, aliased: ReadonlySet<string>): SetFacts {
  const shares = movements.filter((one) => !isFiat(one));
  return {
    givenAway: [...new Set(shares.filter(isNegative).map(({ instrument }) => instrument))],
    types: [...new Set(movements.map(({ type }) => type))],
    styles: stylesOf(movements, aliased),
    receives: shares.some((one) => !isNegative(one)),
  };
}

/** The number of sets by what is true of them. */
export type Counts = Readonly<Record<string, number>>;

/** The facts of all sets of a corporate action, counted. */
export interface FactCounts {
  readonly givenAway: Counts;
  readonly types: Counts;
  readonly styles: Counts;
  /** The number of sets that receive a share. */
  readonly receivers: number;
  /** The number of sets that give one away. */
  readonly givers: number;
}

/** The counts of no set. */
export const NO_FACTS: FactCounts = { givenAway: {}, types: {}, styles: {}, receivers: 0, givers: 0 };

/** The counts with some sets' facts more, and others' less. */
export function countedWith(
  counts: FactCounts,
  added: readonly SetFacts[],
  removed: readonly SetFacts[] = [],
): FactCounts {
  const difference = (count: (facts: SetFacts) => boolean): number =>
    added.filter(count).length - removed.filter(count).length;
  const words = (known: Counts, wordsOf: (facts: SetFacts) => readonly string[]): Counts =>
    withWords(known, added.flatMap(wordsOf), removed.flatMap(wordsOf));
  return {
    givenAway: words(counts.givenAway, ({ givenAway }) => givenAway),
    types: words(counts.types, ({ types }) => types),
    styles: words(counts.styles, ({ styles }) => styles),
    receivers: counts.receivers + difference(({ receives }) => receives),
    givers: counts.givers + difference(({ givenAway }) => givenAway.length > 0),
  };
}

function withWords(known: Counts, added: readonly string[], removed: readonly string[]): Counts {
  const counts = new Map(Object.entries(known));
  for (const word of added) counts.set(word, (counts.get(word) ?? 0) + 1);
  for (const word of removed) counts.set(word, (counts.get(word) ?? 0) - 1);
  return Object.fromEntries([...counts].filter(([, count]) => count > 0));
}

/** The ground on which every set of a corporate action is judged: what most of them say. */
export interface Ground {
  /** The instrument that most holders give away; null while nobody does, or where two share the first place. */
  readonly old: string | null;
  /** The type of most sets; null where two are as frequent, and each set is judged by the type of most of its own movements. */
  readonly type: string | null;
  /** The kinds of ids in which a set says nothing for sure. */
  readonly rarerStyles: readonly IdStyle[];
}

/** The ground that the counts give. */
export function groundOf({ givenAway, types, styles }: FactCounts): Ground {
  return {
    old: mostCounted(Object.entries(givenAway)),
    type: mostCounted(Object.entries(types)),
    rarerStyles: rarerStyles(styles),
  };
}
