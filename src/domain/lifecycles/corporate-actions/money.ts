import { Exact } from './exact';

/** A movement of money of one set, as it is netted. */
export interface MoneyMovement {
  readonly transactionId: string;
  readonly instrument: string;
  /** Signed decimal. */
  readonly amount: string;
  /** The amount of it that was passed on to the user; null or absent while it is open. */
  readonly paid?: string | null;
}

/** The money of one set once what was taken back has lessened what was open. */
export interface NettedMoney<M> {
  /** Money that came, with what is left of it. */
  readonly owed: readonly { readonly movement: M; readonly left: Exact }[];
  /** Money taken back, with the part of it that nothing was open for. */
  readonly takenTooMuch: readonly { readonly movement: M; readonly amount: Exact }[];
}

/**
 * The netting of one set's money, given in the order of credit. What is taken back lessens what came of the same currency:
 * the latest that is open, and of what was credited before it first. Money that was passed on is not open any more: only
 * what had lessened it before stays with it.
 */
export function netMoney<M extends MoneyMovement>(ordered: readonly M[]): NettedMoney<M> {
  const currencies = [...new Set(ordered.map(({ instrument }) => instrument))];
  const netted = currencies.map((currency) => netCurrency(ordered.filter(({ instrument }) => instrument === currency)));
  return {
    owed: netted.flatMap(({ owed }) => owed),
    takenTooMuch: netted.flatMap(({ takenTooMuch }) => takenTooMuch),
  };
}

interface Owed<M> {
  readonly movement: M;
  readonly place: number;
  left: Exact;
}

function netCurrency<M extends MoneyMovement>(ordered: readonly M[]): NettedMoney<M> {
  const came = ordered.flatMap((movement, place): Owed<M>[] =>
    isTakenBack(movement) ? [] : [{ movement, place, left: new Exact(movement.paid ?? movement.amount) }],
  );
  const open = came.filter(({ movement }) => !isPaid(movement));
  let lessenedBefore = came
    .filter(({ movement }) => isPaid(movement))
    .reduce((sum, { movement, left }) => sum.plus(movement.amount).minus(left), new Exact(0));
  const takenTooMuch = ordered.flatMap((movement, place) => {
    if (!isTakenBack(movement)) return [];
    const size = new Exact(movement.amount).abs();
    const known = Exact.min(size, Exact.max(lessenedBefore, 0));
    lessenedBefore = lessenedBefore.minus(known);
    const amount = lessen(latestFirst(open, place), size.minus(known));
    return amount.isZero() ? [] : [{ movement, amount }];
  });
  return { owed: came, takenTooMuch };
}

function isTakenBack({ amount }: MoneyMovement): boolean {
  return amount.startsWith('-');
}

function isPaid({ paid }: MoneyMovement): boolean {
  return paid !== null && paid !== undefined;
}

/** The order in which open money is lessened: that credited before comes first, each the latest first. */
function latestFirst<M>(open: readonly Owed<M>[], place: number): readonly Owed<M>[] {
  const latest = [...open].reverse();
  return [...latest.filter((one) => one.place < place), ...latest.filter((one) => one.place > place)];
}

/** The part of an amount that is left once it has lessened what is open. */
function lessen<M>(open: readonly Owed<M>[], amount: Exact): Exact {
  let left = amount;
  for (const one of open) {
    const taken = Exact.min(one.left, left);
    one.left = one.left.minus(taken);
    left = left.minus(taken);
  }
  return left;
}
