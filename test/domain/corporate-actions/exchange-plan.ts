import { EURO, type Leg, type NewShare, OLD } from './generated';
import type { Random } from './random';

/** A spin-off or stock merger as it truly is. Amounts are whole numbers of 0.00000001. */
export interface Economy {
  readonly isSpinOff: boolean;
  readonly news: readonly NewShare[];
  /** What the partner cuts new shares off to. */
  readonly unit: bigint;
}

/** What is true of a holder, and what becomes of the set on the way. */
export interface Plan {
  readonly userId: string;
  /** What was held at the record date: it alone gives new shares. */
  readonly entitled: bigint;
  /** What of it is still held when the old share is exchanged. */
  readonly remaining: bigint;
  /** The holding before as the ledger knows it. */
  readonly before: bigint | null;
  readonly situation: Situation;
}

/** Nothing is lost: the partner did what it should. */
export const GOOD_SITUATIONS = [
  'as it should be',
  'sold',
  'sold in part',
  'cash in lieu',
  'sold with cash in lieu',
] as const;

/** Something was lost or altered on purpose: an answer is owed, whether that can be seen or not. */
export const DAMAGED_SITUATIONS = [
  'new lost',
  'old-out lost',
  'old-in lost',
  'both old legs lost',
  'one old leg left',
  'everything lost',
  'sold and new lost',
  'sold in part and new lost',
  'new altered',
  'quantity altered',
  'cash lost',
  'cash beside too much',
  'sign flipped',
  'stray share',
] as const;

/** What becomes of a set. */
export type Situation = (typeof GOOD_SITUATIONS)[number] | (typeof DAMAGED_SITUATIONS)[number];

/** A share that has nothing to do with the corporate action. */
export const OTHER = 'asset:00000000-0000-4000-8000-0000000000ff';
const WHOLE_SHARE = 100_000_000n;

/** The new share for a quantity of the old one, cut off to the unit. */
export function dueFor(quantity: bigint, { top, bottom }: NewShare, unit: bigint): bigint {
  return ((quantity * top) / (bottom * unit)) * unit;
}

/** What is sent where nothing goes wrong. */
export function trueLegs(plan: Plan, { isSpinOff, news, unit }: Economy, paysWhole: boolean): readonly Leg[] {
  const { entitled, remaining } = plan;
  const step = paysWhole ? WHOLE_SHARE : 1n;
  const received = news.map((share) => ({
    instrument: share.instrument,
    amount: (dueFor(entitled, share, unit) / step) * step,
  }));
  const old = [
    { instrument: OLD, amount: -remaining },
    { instrument: OLD, amount: isSpinOff ? remaining : 0n },
  ];
  return [...old, ...received].filter(({ amount }) => amount !== 0n);
}

const CASH: Leg = { instrument: EURO, amount: 1_234_000_000n };

function isNew({ instrument, amount }: Leg): boolean {
  return instrument !== OLD && instrument !== EURO && amount > 0n;
}

function isOld(leg: Leg): boolean {
  return leg.instrument === OLD;
}

/** At least one of them, perhaps all. */
function someOf(legs: readonly Leg[], random: Random): readonly Leg[] {
  const first = random.some(legs);
  return legs.filter((leg) => leg === first || random.chance(0.4));
}

/** Another amount of the same sign, in steps of the unit. */
function altered(amount: bigint, unit: bigint, random: Random): bigint {
  const candidates = [
    amount * 2n,
    amount + unit,
    amount - unit,
    amount * 10n,
    (amount / (10n * unit * 7n)) * 7n * unit,
    amount + BigInt(random.whole(2, 1_000)) * unit,
  ];
  const possible = candidates.filter((other) => other > 0n && other !== amount);
  return random.some(possible) ?? amount + unit;
}

function replacing(legs: readonly Leg[], chosen: Leg | undefined, changed: (leg: Leg) => Leg): readonly Leg[] | null {
  return chosen === undefined ? null : legs.map((leg) => (leg === chosen ? changed(leg) : leg));
}

function without(legs: readonly Leg[], lost: readonly Leg[]): readonly Leg[] | null {
  const left = legs.filter((leg) => !lost.includes(leg));
  return lost.length === 0 || left.length === 0 ? null : left;
}

/** The legs that are left of a plan after what becomes of it; null where that cannot become of it. */
export function legsOf(plan: Plan, economy: Economy, random: Random): readonly Leg[] | null {
  const legs = trueLegs(plan, economy, false);
  const news = legs.filter(isNew);
  const outgoing = legs.filter((leg) => isOld(leg) && leg.amount < 0n);
  const incoming = legs.filter((leg) => isOld(leg) && leg.amount > 0n);
  const { isSpinOff, unit } = economy;
  switch (plan.situation) {
    case 'as it should be':
    case 'sold':
    case 'sold in part':
      return legs;
    case 'cash in lieu':
    case 'sold with cash in lieu':
      return [...trueLegs(plan, economy, random.chance(0.7)), CASH];
    case 'cash lost': {
      const whole = trueLegs(plan, economy, true);
      return whole.every(({ amount }, index) => amount === legs[index]?.amount) ? null : whole;
    }
    case 'cash beside too much': {
      const most = replacing(legs, random.some(news), (leg) => ({ ...leg, amount: altered(leg.amount, unit, random) }));
      return most === null ? null : [...most, CASH];
    }
    case 'new lost':
    case 'sold and new lost':
    case 'sold in part and new lost':
      return without(legs, someOf(news, random));
    case 'old-out lost':
      return without(legs, outgoing);
    case 'old-in lost':
      return without(legs, incoming);
    case 'both old legs lost':
      return isSpinOff ? without(legs, [...outgoing, ...incoming]) : null;
    case 'one old leg left':
      return isSpinOff ? random.pick([outgoing, incoming]) : null;
    case 'everything lost':
      return [];
    case 'new altered':
      return replacing(legs, random.some(news), (leg) => ({ ...leg, amount: altered(leg.amount, unit, random) }));
    case 'quantity altered':
      return isSpinOff
        ? replacing(legs, incoming[0], (leg) => ({ ...leg, amount: altered(leg.amount, 1n, random) }))
        : null;
    case 'sign flipped':
      return replacing(legs, random.some(legs), (leg) => ({
        ...leg,
        amount: -leg.amount,
        ...(random.chance(0.5) ? { isSilent: true } : { contradictsSign: true }),
      }));
    case 'stray share':
      return [...legs, { instrument: OTHER, amount: -plan.entitled }];
  }
}
