/** Instruments that some holders received together, none of them the old one, and the number of those holders. */
export interface Reception {
  readonly instruments: readonly string[];
  readonly holders: number;
}

/** An instrument that fewer holders received than this is a stray one, and says nothing of the others. */
const FEWEST_HOLDERS = 2;

/** At least one in so many of those who received anything new received a new instrument. */
const ONE_IN = 10;

/**
 * The new instruments of an exchange, sorted: those that at least two holders, and at least a tenth of those who received
 * anything new, received; all of one holder's, while only one has received anything.
 */
export function newInstrumentsOf(receptions: readonly Reception[]): readonly string[] {
  let receivers = 0;
  const holdersOf = new Map<string, number>();
  for (const { instruments, holders } of receptions) {
    if (instruments.length === 0) continue;
    receivers += holders;
    for (const one of instruments) holdersOf.set(one, (holdersOf.get(one) ?? 0) + holders);
  }
  return [...holdersOf]
    .filter(([, holders]) => receivers === 1 || (holders >= FEWEST_HOLDERS && holders * ONE_IN >= receivers))
    .map(([instrument]) => instrument)
    .sort();
}
