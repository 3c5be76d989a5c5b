/** Chance that can be had again: the same seed draws the same numbers. */
export interface Random {
  /** A whole number from `low` to `high`, both included. */
  readonly whole: (low: number, high: number) => number;
  readonly chance: (probability: number) => boolean;
  readonly pick: <T>(list: readonly [T, ...T[]]) => T;
  readonly some: <T>(list: readonly T[]) => T | undefined;
  readonly shuffled: <T>(list: readonly T[]) => readonly T[];
}

/** The generator known as mulberry32. */
function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Chance that begins with a seed, a whole number. */
export function randomOf(seed: number): Random {
  const next = numbers(seed);
  const whole = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1));
  return {
    whole,
    chance: (probability) => next() < probability,
    pick: ([first, ...others]) => others[whole(0, others.length) - 1] ?? first,
    some: (list) => list[whole(0, list.length - 1)],
    shuffled: (list) =>
      list
        .map((one) => ({ one, place: next() }))
        .sort((a, b) => a.place - b.place)
        .map(({ one }) => one),
  };
}

/** Stock is booked in steps of 0.00000001; all amounts of the generator are whole numbers of them. */
export const DIGITS = 8;

/** The decimal of a whole number of 0.00000001, with or without the zeros at its end. */
export function decimal(amount: bigint, keepsZeros = false): string {
  const digits = (amount < 0n ? -amount : amount).toString().padStart(DIGITS + 1, '0');
  const text = `${amount < 0n ? '-' : ''}${digits.slice(0, -DIGITS)}.${digits.slice(-DIGITS)}`;
  return keepsZeros ? text : text.replace(/\.?0+$/, '');
}
