import {
  EURO,
  FLAWS,
  type Generated,
  type Leg,
  movementsOf,
  OLD,
  quantity,
  type Truth,
  type Wording,
  withFlaw,
} from './generated';
import { decimal, type Random } from './random';

const SUCCESSOR = 'asset:00000000-0000-4000-8000-000000000009';
const EXTRA = 'asset:00000000-0000-4000-8000-0000000000fe';
const MONEY = 987_650_000n;

/** One holder's legs; `isWhole` where nothing is lost or too many. */
interface Made {
  readonly legs: readonly Leg[];
  readonly situation: string;
  readonly isWhole: boolean;
  /** Whether its state can be told from what is there. */
  readonly isProvable: boolean;
}

function whole(legs: readonly Leg[]): Made {
  return { legs, situation: 'as it should be', isWhole: true, isProvable: true };
}

function damaged(situation: string, legs: readonly Leg[], isProvable = true): Made {
  return { legs, situation, isWhole: false, isProvable };
}

const TYPES = [
  'delisting',
  'merger_cash',
  'dividend',
  'stock_split',
  'reverse_stock_split',
  'capital_repayment',
] as const;
type Type = (typeof TYPES)[number];

/** Whether a split is said as one booking of the difference, or as the old holding out and the new one in. */
interface Style {
  readonly type: Type;
  readonly isExchange: boolean;
  readonly into: string;
}

function paidOut(held: bigint, random: Random): Made {
  const inOne = random.chance(0.5) ? { event: 'one' } : {};
  const share = { instrument: OLD, amount: -held, ...inOne };
  const money = { instrument: EURO, amount: MONEY, ...inOne };
  switch (
    random.pick(['', '', '', '', '', 'fiat lost', 'share lost', 'paid twice', 'share received', 'sign flipped'])
  ) {
    case 'fiat lost':
      return damaged('fiat lost', [{ instrument: OLD, amount: -held }]);
    case 'share lost':
      return damaged('share lost', [{ instrument: EURO, amount: MONEY }]);
    case 'paid twice':
      return damaged('paid twice', [share, money, { instrument: EURO, amount: MONEY }]);
    case 'share received':
      return damaged('share received', [share, money, { instrument: EXTRA, amount: held }]);
    case 'sign flipped':
      return damaged('sign flipped', [{ ...share, amount: held, isSilent: true }, money]);
    default:
      return whole([share, money]);
  }
}

function dividend(held: bigint, random: Random): Made {
  const one = { instrument: random.chance(0.6) ? EURO : SUCCESSOR, amount: held };
  const another = { instrument: random.pick([EURO, SUCCESSOR, one.instrument]), amount: held };
  switch (random.pick(['', '', '', 'paid twice', 'sign flipped'])) {
    case 'paid twice':
      // A dividend may be one of both, a share and money.
      return one.instrument === another.instrument ? damaged('paid twice', [one, another]) : whole([one, another]);
    case 'sign flipped':
      return damaged('sign flipped', [{ instrument: SUCCESSOR, amount: -held, isSilent: true }]);
    default:
      return whole([one]);
  }
}

function splitInOne(difference: bigint, isReverse: boolean, random: Random): Made {
  const right = { instrument: OLD, amount: isReverse ? -difference : difference };
  return random.chance(0.12)
    ? damaged('sign flipped', [{ ...right, amount: -right.amount, isSilent: true }])
    : whole([right]);
}

function splitInTwo(held: bigint, { type, into }: Style, isFirst: boolean, random: Random): Made {
  const away = { instrument: OLD, amount: -held };
  const gained = { instrument: into, amount: type === 'stock_split' ? held * 3n : held / 10n + 1n };
  // The first holder's legs always come: without any of a kind, nobody can know that it belongs to this split.
  switch (random.pick(isFirst ? [''] : ['', '', '', 'old-out lost', 'new lost', 'another share'])) {
    case 'old-out lost':
      return damaged('old-out lost', [gained], type === 'reverse_stock_split');
    case 'new lost':
      return damaged('new lost', [away]);
    case 'another share':
      return damaged('another share', [away, gained, { instrument: EXTRA, amount: random.pick([1n, -1n]) * held }]);
    default:
      return whole([away, gained]);
  }
}

function unheardOf(held: bigint, random: Random): Made {
  const out = { instrument: OLD, amount: -held };
  const gained = { instrument: SUCCESSOR, amount: held / 2n + 1n };
  return whole(random.pick([[out], [gained], [out, gained], [out, gained, { instrument: EURO, amount: MONEY }]]));
}

function makeOne(held: bigint, style: Style, index: number, random: Random): Made {
  switch (style.type) {
    case 'delisting':
    case 'merger_cash':
      return paidOut(held, random);
    case 'dividend':
      return dividend(held, random);
    case 'capital_repayment':
      return unheardOf(held, random);
    case 'stock_split':
    case 'reverse_stock_split':
      return style.isExchange
        ? splitInTwo(held, style, index === 0, random)
        : // The difference leaves something of the holding.
          splitInOne((held * 9n) / 10n, style.type === 'reverse_stock_split', random);
  }
}

/** Which verdict can be proved: a split's lone leg only by the holding before or by what other holders show. */
function provenOf(made: Made, style: Style, before: bigint | null, all: readonly Made[]): string | null {
  const has = (one: Made, isOut: boolean): boolean => one.legs.some(({ amount }) => amount < 0n === isOut);
  const others = all.filter((other) => other !== made);
  if (style.type === 'capital_repayment') return 'unverified';
  if (!made.isWhole) {
    const needsHolding = style.type === 'reverse_stock_split' && made.situation === 'new lost';
    return made.isProvable && !(needsHolding && before === null) ? 'break' : null;
  }
  if (style.isExchange || made.legs.length > 1) return 'complete';
  if (style.type === 'stock_split') return others.some((other) => has(other, true)) ? null : 'complete';
  if (style.type !== 'reverse_stock_split') return 'complete';
  return before === null && others.some((other) => has(other, false)) ? null : 'complete';
}

/** A corporate action with known answers whose sets are no exchange for a new share; one type nobody knows among them. */
export function generateSingle(random: Random, holders: number): Omit<Generated, 'told'> {
  const type = random.pick(TYPES);
  const isSplit = type === 'stock_split' || type === 'reverse_stock_split';
  const style: Style = { type, isExchange: isSplit && random.chance(0.5), into: random.pick([OLD, SUCCESSOR]) };
  const wording: Wording = {
    type,
    assetGroup: 'stock',
    keepsZeros: random.chance(0.2),
    saysDirection: random.chance(0.8),
  };
  const all = Array.from({ length: holders }, (_, index) => {
    const held = quantity(random) + 10n;
    const made = makeOne(held, style, index, random);
    const flaw = index > 0 && random.chance(0.05) ? random.pick(FLAWS) : null;
    const flawed = flaw === null ? null : withFlaw(made.legs, flaw, type, random);
    const before = random.chance(0.5) ? held : null;
    return { userId: `user-${String(index)}`, made: flawed === null ? made : damaged(String(flaw), flawed), before };
  });
  const sets = all.map(({ made }) => made);
  const truths = all.map(({ userId, made, before }): Truth => {
    const isTrue = made.isWhole ? ['complete'] : ['break'];
    return {
      userId,
      situation: made.situation,
      isTrue: made.isWhole && type === 'capital_repayment' ? [] : isTrue,
      decidable: FLAWS.some((flaw) => flaw === made.situation) ? 'break' : provenOf(made, style, before, sets),
      isNearBoundary: false,
      lacksNew: false,
    };
  });
  return {
    view: {
      holders: all.map(({ userId, made, before }) => ({
        userId,
        movements: random.shuffled(movementsOf(userId, made.legs, wording)),
        before: before === null ? null : decimal(before),
      })),
      precisions: { '*': '0.00000001', stock: '0.00000001' },
    },
    truths: truths,
    news: [],
  };
}
