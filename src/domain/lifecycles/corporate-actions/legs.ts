import type { SetMovement } from './corporate-action';
import { Exact } from './exact';
import { type NettedMoney, netMoney } from './money';
import { isFiat, isNegative } from './old-instrument';

/** The legs of a set: what is left of its movements once corrections have cancelled each other, by time of credit. */
export interface Legs {
  readonly shares: readonly SetMovement[];
  /** Money that is left, also in part. */
  readonly money: readonly SetMovement[];
  /** Money taken back that nothing was open for. */
  readonly takenTooMuch: readonly SetMovement[];
}

/** The legs of a set of a type; `old` is the share given away, null while it is not known. */
export function legsOf(movements: readonly SetMovement[], type: string | null, old: string | null): Legs {
  const ordered = inOrderOfCredit(movements);
  const { owed, takenTooMuch } = nettedMoneyOf(ordered);
  const cancelled = new Set(correctionsAmong(ordered, type, old));
  return {
    shares: ordered.filter((one) => !isFiat(one) && !cancelled.has(one)),
    money: owed.filter(({ left }) => !left.isZero()).map(({ movement }) => movement),
    takenTooMuch: takenTooMuch.map(({ movement }) => movement),
  };
}

function nettedMoneyOf(ordered: readonly SetMovement[]): NettedMoney<SetMovement> {
  return netMoney(ordered.filter(isFiat));
}

/** The movements by time of credit, then by the partner's id: the order of arrival says nothing. */
export function inOrderOfCredit<M extends Pick<SetMovement, 'creditedAt' | 'transactionId'>>(
  movements: readonly M[],
): readonly M[] {
  return [...movements].sort((a, b) => order(a.creditedAt, b.creditedAt) || order(a.transactionId, b.transactionId));
}

function order(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** The shares that take each other back, in pairs that are equal, opposite and no part of the type's own pattern. */
function correctionsAmong(
  ordered: readonly SetMovement[],
  type: string | null,
  old: string | null,
): readonly SetMovement[] {
  const byInstrument = new Map<string, SetMovement[]>();
  for (const one of ordered.filter((movement) => !isFiat(movement))) {
    byInstrument.set(one.instrument, [...(byInstrument.get(one.instrument) ?? []), one]);
  }
  return [...byInstrument].flatMap(([instrument, own]) => {
    const pairs = pairsOf(own);
    const kept = pairsOfPattern(type, instrument === old, own.length);
    return pairs.slice(0, Math.max(0, pairs.length - kept)).flatMap(({ movements }) => movements);
  });
}

/** A spin-off gives one old share back; of a split, both movements may be of one share. */
function pairsOfPattern(type: string | null, isOld: boolean, movements: number): number {
  switch (type) {
    case 'spin_off':
      return isOld ? 1 : 0;
    case 'stock_split':
    case 'reverse_stock_split':
      return movements === 2 ? 1 : 0;
    default:
      return 0;
  }
}

interface Pair {
  readonly movements: readonly [SetMovement, SetMovement];
  /** The place of its first movement in the order of credit. */
  readonly begin: number;
  /** True where the same amount was moved both ways more than once: booked, and taken back as a whole. */
  readonly isRepeated: boolean;
}

/** The pairs in the order in which they cancel: what was booked and taken back as a whole, then the latest. */
function pairsOf(ordered: readonly SetMovement[]): readonly Pair[] {
  const bySize = new Map<string, { readonly out: SetMovement[]; readonly in: SetMovement[] }>();
  for (const one of ordered) {
    const size = new Exact(one.amount).abs().toFixed();
    const sides = bySize.get(size) ?? { out: [], in: [] };
    bySize.set(size, sides);
    (isNegative(one) ? sides.out : sides.in).unshift(one);
  }
  const pairs = [...bySize.values()].flatMap((sides) => {
    const count = Math.min(sides.out.length, sides.in.length);
    return sides.out.slice(0, count).flatMap((out, index): Pair[] => {
      const back = sides.in[index];
      if (back === undefined) return [];
      const begin = Math.min(ordered.indexOf(out), ordered.indexOf(back));
      return [{ movements: [out, back], begin, isRepeated: count > 1 }];
    });
  });
  return pairs.sort((a, b) => Number(b.isRepeated) - Number(a.isRepeated) || b.begin - a.begin);
}
