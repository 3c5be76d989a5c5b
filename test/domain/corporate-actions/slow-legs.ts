import { type Fraction, less, plus, same, smaller, ZERO } from './fractions';
import { distinct, isFiat, type LedgerMovement, out, size } from './slow-words';

/** By time of credit, then by id. */
export function byCredit(movements: readonly LedgerMovement[]): readonly LedgerMovement[] {
  const word = (one: LedgerMovement): string => `${one.creditedAt} ${one.transactionId}`;
  return [...movements].sort((a, b) => word(a).localeCompare(word(b), 'en'));
}

/** Money that is left of a set, and what was taken back of nothing. */
export function slowMoney(movements: readonly LedgerMovement[]): {
  readonly left: readonly LedgerMovement[];
  readonly tooMuch: readonly LedgerMovement[];
} {
  const money = byCredit(movements.filter(isFiat));
  const open = new Map(money.filter((one) => !one.amount.startsWith('-')).map((one) => [one, size(one)]));
  const tooMuch = money.filter((back, place) => {
    if (open.has(back)) return false;
    let rest = size(back);
    const before = money.slice(0, place).reverse();
    const after = money.slice(place).reverse();
    for (const one of [...before, ...after].filter(({ instrument }) => instrument === back.instrument)) {
      const owed = open.get(one);
      if (owed === undefined) continue;
      const taken = smaller(owed, rest);
      open.set(one, minus(owed, taken));
      rest = minus(rest, taken);
    }
    return less(ZERO, rest);
  });
  return { left: money.filter((one) => less(ZERO, open.get(one) ?? ZERO)), tooMuch };
}

function minus(a: Fraction, { top, bottom }: Fraction): Fraction {
  return plus(a, { top: -top, bottom });
}

/** What is left of a set's shares and money once corrections have cancelled each other. */
export function slowLegs(
  movements: readonly LedgerMovement[],
  type: string | null,
  old: string | null,
): readonly LedgerMovement[] {
  const shares = byCredit(movements.filter((one) => !isFiat(one)));
  const instruments = distinct(shares.map(({ instrument }) => instrument));
  const left = instruments.flatMap((wanted) => {
    const own = shares.filter(({ instrument }) => instrument === wanted);
    return afterCorrections(own, pattern(type, wanted === old, own.length));
  });
  return [...byCredit(left), ...slowMoney(movements).left];
}

/** The pairs of a share that are no correction. */
function pattern(type: string | null, isOld: boolean, count: number): number {
  if (type === 'spin_off') return isOld ? 1 : 0;
  return type !== null && type.endsWith('stock_split') && count === 2 ? 1 : 0;
}

interface Pair {
  readonly one: LedgerMovement;
  readonly other: LedgerMovement;
}

function afterCorrections(own: readonly LedgerMovement[], kept: number): readonly LedgerMovement[] {
  const repeated = allPairs(own).filter(
    (pair, _index, all) => all.filter(({ one }) => same(size(one), size(pair.one))).length > 1,
  );
  const isRepeated = ({ one }: Pair): boolean => repeated.some((pair) => same(size(pair.one), size(one)));
  let left = own;
  for (let pairs = allPairs(left); pairs.length > kept; pairs = allPairs(left)) {
    const first = pairs.filter(isRepeated);
    const begin = ({ one, other }: Pair): number => Math.min(left.indexOf(one), left.indexOf(other));
    const [latest] = [...(first.length > 0 ? first : pairs)].sort((a, b) => begin(b) - begin(a));
    left = left.filter((movement) => movement !== latest?.one && movement !== latest?.other);
  }
  return left;
}

/** Every movement out with a movement in of the same size, the latest first. */
function allPairs(own: readonly LedgerMovement[]): readonly Pair[] {
  const ins = own.filter((one) => out([one]).length === 0).reverse();
  return out(own)
    .toReversed()
    .flatMap((one, _index, outs) => {
      const before = outs.slice(0, outs.indexOf(one)).filter((other) => same(size(other), size(one)));
      const other = ins.filter((back) => same(size(back), size(one)))[before.length];
      return other === undefined ? [] : [{ one, other }];
    });
}
