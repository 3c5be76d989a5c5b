import { generateExchange } from './exchange-generator';
import type { Generated } from './generated';
import { type Random, randomOf } from './random';
import { generateSingle } from './single-generator';
import { toldHolding } from './told-holdings';

/** A corporate action with known answers: of any type, with one holder or up to forty. */
export function generate(random: Random): Generated {
  const holders = random.pick([random.whole(1, 6), random.whole(1, 40), random.whole(20, 40)]);
  const generated = random.chance(0.8) ? generateExchange(random, holders) : generateSingle(random, holders);
  return { ...generated, told: toldOf(generated, random) };
}

function toldOf({ view: { holders } }: Omit<Generated, 'told'>, random: Random): Generated['told'] {
  return new Map(
    holders.map(({ userId, before, missingHolding = ['opening'] }) => [
      userId,
      toldHolding(before, missingHolding, random),
    ]),
  );
}

/** The same seed gives the same corporate action. */
export function generateFrom(seed: number): Generated {
  return generate(randomOf(seed));
}
