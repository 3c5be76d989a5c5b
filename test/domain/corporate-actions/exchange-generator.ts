import { HOLDING_PARTS, type HoldingPart } from '../../../src/domain/lifecycles/corporate-actions/corporate-action';
import { DAMAGED_SITUATIONS, type Economy, legsOf, OTHER, type Plan, type Situation, trueLegs } from './exchange-plan';
import {
  givers,
  isDamaged,
  isRightAllTheSame,
  type Knowledge,
  lackingIn,
  type Made,
  newOnes,
  provable,
  standingOf,
  truthOf,
} from './exchange-truth';
import { correctionsOf } from './corrections';
import { FLAWS, type Generated, movementsOf, type NewShare, OLD, quantity, type Wording, withFlaw } from './generated';
import { decimal, type Random } from './random';

/** One new share: a simple, an awkward, a large or a tiny ratio. */
function newShare(random: Random, index: number): NewShare {
  const instrument = `asset:00000000-0000-4000-8000-00000000000${String(index + 2)}`;
  const of = (top: number, bottom: number): NewShare => ({ instrument, top: BigInt(top), bottom: BigInt(bottom) });
  switch (random.pick(['simple', 'simple', 'awkward', 'awkward', 'large', 'tiny', 'tiny'] as const)) {
    case 'simple':
      return of(random.whole(1, 3), random.whole(1, 12));
    case 'awkward':
      return of(random.whole(1, 9_999), random.whole(9_999, 999_983));
    case 'large':
      return of(random.whole(1_000, 99_999), random.whole(1, 997));
    case 'tiny':
      return of(random.whole(1, 7), random.whole(10_000, 99_999_989));
  }
}

/** Within two units of the quantity that gives exactly one unit of the new share. */
function nearBoundary({ top, bottom }: NewShare, unit: bigint, random: Random): bigint {
  const near = (unit * bottom) / top + BigInt(random.whole(-2, 2));
  return near > 0n ? near : 1n;
}

const LIKELY = Array.from({ length: 12 }, () => 'as it should be' as const);
const LOST_NEAR = [...DAMAGED_SITUATIONS, 'new lost', 'new lost', 'new lost', 'new lost'] as const;

interface Habits {
  readonly damage: number;
  readonly boundary: number;
  readonly knownHoldings: number;
}

function planOf(userId: string, economy: Economy, habits: Habits, random: Random): Plan {
  const share = random.some(economy.news.filter(({ top, bottom }) => top <= bottom));
  const isNear = share !== undefined && random.chance(habits.boundary);
  const entitled = isNear ? nearBoundary(share, economy.unit, random) : quantity(random);
  const situation: Situation = random.chance(habits.damage)
    ? random.pick<Situation>(isNear ? LOST_NEAR : DAMAGED_SITUATIONS)
    : random.pick<Situation>(['sold', 'sold in part', 'cash in lieu', 'sold with cash in lieu', ...LIKELY]);
  // What was held before is all that could tell that too little is left, and that something came too little.
  const likelyKnown = new Map<Situation, number>([
    ['everything lost', 0.9],
    ['sold in part and new lost', 1],
  ]);
  const isKnown = random.chance(likelyKnown.get(situation) ?? habits.knownHoldings);
  const parts = BigInt(random.whole(1, 9));
  const left = new Map<Situation, bigint>([
    ['sold', 0n],
    ['sold with cash in lieu', 0n],
    ['sold and new lost', 0n],
    ['sold in part', (entitled * parts) / 10n],
    ['sold in part and new lost', (entitled * parts) / 10n],
  ]);
  const remaining = left.get(situation) ?? entitled;
  const before = remaining === 0n ? 0n : entitled;
  return { userId, entitled, remaining, before: isKnown ? before : null, situation };
}

function mended({ plan }: Made, economy: Economy): Made {
  const before = plan.before === null ? null : plan.entitled;
  const sound: Plan = { ...plan, situation: 'as it should be', remaining: plan.entitled, before };
  return {
    plan: sound,
    legs: trueLegs(sound, economy, false),
    flaw: null,
  };
}

function make(plan: Plan, economy: Economy, type: string, random: Random): Made {
  const legs = legsOf(plan, economy, random);
  // Half a unit of the old share cannot be kept: whoever sold it in part of one sold all of it.
  if (legs === null || (plan.situation.startsWith('sold in part') && plan.remaining === 0n)) {
    return mended({ plan, legs: [], flaw: null }, economy);
  }
  const flaw = random.chance(0.04) ? random.pick(FLAWS) : null;
  const flawed = flaw === null ? null : withFlaw(legs, flaw, type, random);
  return flawed === null ? { plan, legs, flaw: null } : { plan, legs: flawed, flaw };
}

function knowledgeOf(all: readonly Made[], economy: Economy): Knowledge {
  const others = [OTHER, ...economy.news.map(({ instrument }) => instrument)];
  const seen = newOnes(all);
  return {
    economy,
    standings: economy.news.map((share) => standingOf(all, share, economy, seen)),
    seen,
    isOldKnown: others.every((other) => givers(all, other) < givers(all, OLD)),
  };
}

/**
 * Sets whose damage would make the truth itself unknowable to everybody: as many lies as truths that agree, a new share
 * that nobody ever saw, a wrong share given away by more holders than the old one.
 */
function tooMisleading(all: readonly Made[], knowledge: Knowledge): readonly Made[] {
  const { economy, standings, seen } = knowledge;
  const others = [OTHER, ...economy.news.map(({ instrument }) => instrument)];
  const usurpers = others.filter((other) => givers(all, other) > givers(all, OLD));
  const unseen = all.filter((made) => {
    const lacking = lackingIn(made, economy);
    const onlyLacks = made.plan.situation.endsWith('new lost') || made.plan.situation === 'cash lost';
    return (
      onlyLacks && made.flaw === null && seen.length > 0 && !lacking.some((instrument) => seen.includes(instrument))
    );
  });
  const unproved = all.filter(
    (made) =>
      made.plan.situation === 'cash beside too much' &&
      made.flaw === null &&
      standings.every((standing) => provable(made, standing, economy.unit) !== 'break'),
  );
  return [
    ...all.filter(({ legs }) => legs.some(({ amount, instrument }) => amount < 0n && usurpers.includes(instrument))),
    ...standings.filter(({ isSafe }) => !isSafe).flatMap(({ liars }) => liars.map(({ made }) => made)),
    ...unseen,
    ...unproved,
    ...all.filter((made) => isRightAllTheSame(made, economy)),
  ];
}

function settled(all: readonly Made[], economy: Economy): readonly Made[] {
  const misleading = tooMisleading(all, knowledgeOf(all, economy));
  if (misleading.length === 0) return all;
  return settled(
    all.map((made) => (misleading.includes(made) ? mended(made, economy) : made)),
    economy,
  );
}

/** A spin-off or stock merger with known answers. */
export function generateExchange(random: Random, holders: number): Omit<Generated, 'told'> {
  const isSpinOff = random.chance(0.75);
  const [assetGroup, unit] = random.pick([
    ['stock', 1n],
    ['stock', 1n],
    ['stock', 1n],
    [null, 1n],
    ['etf', 10_000n],
  ] as const);
  const count = random.pick([1, 1, 1, 2, 3, 4]);
  const news = Array.from({ length: count }, (_, index) => newShare(random, index));
  const economy: Economy = { isSpinOff, news, unit };
  const habits: Habits = {
    damage: random.pick([0, 0.1, 0.3, 0.7]),
    boundary: random.pick([0, 0.2, 0.4, 0.6]),
    knownHoldings: random.pick([0, 0.5, 0.9]),
  };
  const wording: Wording = {
    type: isSpinOff ? 'spin_off' : 'merger_stock',
    assetGroup,
    keepsZeros: random.chance(0.2),
    saysDirection: random.chance(0.8),
  };
  const made = Array.from({ length: holders }, (_, index) =>
    make(planOf(`user-${String(index)}`, economy, habits, random), economy, wording.type, random),
  );
  const whole = settled(made, economy).filter(({ legs, plan }) => legs.length > 0 || plan.before !== null);
  const knowledge = knowledgeOf(whole, economy);
  const shuffled = random.shuffled(
    whole.map((made) =>
      isDamaged(made) || !random.chance(0.15)
        ? made
        : { ...made, corrections: correctionsOf(made.legs, economy.isSpinOff, random) },
    ),
  );
  return {
    view: {
      holders: shuffled.map(({ plan, legs, corrections = [] }) => ({
        userId: plan.userId,
        movements: random.shuffled(movementsOf(plan.userId, [...legs, ...corrections], wording)),
        missingHolding: random.pick<readonly HoldingPart[]>([['opening'], ['complete-through'], [...HOLDING_PARTS]]),
        before: plan.before === null ? null : decimal(plan.before),
      })),
      precisions: { '*': '0.00000001', stock: '0.00000001', etf: '0.0001' },
    },
    truths: shuffled.map((one) => truthOf(one, knowledge)),
    news,
  };
}
