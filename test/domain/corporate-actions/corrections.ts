import { type Leg, OLD } from './generated';
import type { Random } from './random';

/** After the corporate action was credited, and after that: the hours of a correction. */
const LATER = '2026-03-02T12:00:00.000000Z';
const STILL_LATER = '2026-03-02T15:00:00.000000Z';

/**
 * Legs beside a whole set that take each other back: one that came twice, one of another amount, or the whole set in another
 * quantity. A single old leg of a spin-off is never corrected alone: which of two pairs is the true one nobody could tell.
 */
export function correctionsOf(legs: readonly Leg[], isSpinOff: boolean, random: Random): readonly Leg[] {
  const alone = random.some(legs.filter(({ instrument }) => !isSpinOff || instrument !== OLD));
  const chosen = alone === undefined || random.chance(0.3) ? legs : [alone];
  const factor = BigInt(random.whole(1, 3));
  return chosen.flatMap((leg) => {
    const { event, ...wrong } = { ...leg, amount: leg.amount * factor };
    return [
      { ...wrong, creditedAt: LATER },
      { ...takenBack(wrong), creditedAt: STILL_LATER },
    ];
  });
}

/** The partner says the direction of what it books, also where it takes something back. */
function takenBack(leg: Leg): Leg {
  return { ...leg, amount: -leg.amount };
}
