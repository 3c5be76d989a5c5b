import { fraction, same } from './fractions';
import { exchangeOf, judgeExchanged, type TypeOf } from './slow-exchange';
import {
  type Answer,
  answered,
  into,
  isFiat,
  type LedgerHolder,
  type LedgerMovement,
  type LedgerView,
  type Mismatch,
  mismatch,
  missing,
  mostCommon,
  out,
  ownMismatches,
  surplusLegs,
  together,
  size,
} from './slow-words';

function secondOfOne(side: readonly LedgerMovement[]): readonly Mismatch[] {
  return side
    .slice(1)
    .map(({ instrument }) => mismatch(instrument === side[0]?.instrument ? 'surplus-leg' : 'mixed-instruments'));
}

function judgePaidOut({ movements }: LedgerHolder): Answer {
  const money = movements.filter(isFiat);
  return answered(
    [
      ...secondOfOne(out(movements)),
      ...into(movements).map(() => mismatch('surplus-leg')),
      ...money.slice(1).map(() => mismatch('surplus-leg')),
      ...(out(movements).length === 0 ? [missing('old-out')] : []),
      ...(money.length === 0 ? [missing('fiat')] : []),
    ],
    'complete',
  );
}

function judgeDividend({ movements }: LedgerHolder): Answer {
  const contradicted = (one: LedgerMovement): boolean => one.direction === 'incoming';
  return answered(
    [
      // One that says `incoming` contradicts itself and is named already.
      ...out(movements).flatMap((one) => (contradicted(one) ? [] : [mismatch('wrong-sign')])),
      ...movements.slice(1).map(() => mismatch('surplus-leg')),
    ],
    'complete',
  );
}

function judgeSplit(holder: LedgerHolder, others: readonly LedgerHolder[], isReverse: boolean): Answer {
  const away = out(holder.movements);
  const gained = into(holder.movements);
  const [lost] = away;
  if (away.length > 1 || gained.length > 1) return answered([...secondOfOne(away), ...secondOfOne(gained)], '');
  if (away.length === 1 && gained.length === 1) return answered([], 'complete');
  if (lost === undefined) {
    // Money alone is no split, and says nothing of one.
    if (gained.length === 0) return answered([], 'unverified');
    if (isReverse) return answered([missing('old-out')], '');
    return answered([], others.some(({ movements }) => out(movements).length > 0) ? 'unverified' : 'complete');
  }
  if (!isReverse) return answered([missing('new-in')], '');
  if (others.every(({ movements }) => into(movements).length === 0)) return answered([], 'complete');
  if (holder.before === null) return answered([], 'unverified');
  return answered(same(fraction(holder.before), size(lost)) ? [missing('new-in')] : [], 'complete');
}

function judgeByType(typeOf: TypeOf, old: string | null, view: LedgerView, holder: LedgerHolder): Answer | null {
  const type = typeOf(holder);
  if ((type === 'spin_off' || type === 'merger_stock') && old !== null) {
    return judgeExchanged(holder, exchangeOf(view, old, type, typeOf));
  }
  if (holder.movements.length === 0) return null;
  switch (type) {
    case 'delisting':
    case 'merger_cash':
      return judgePaidOut(holder);
    case 'dividend':
      return judgeDividend(holder);
    case 'stock_split':
    case 'reverse_stock_split': {
      const others = view.holders.filter((other) => other !== holder);
      return judgeSplit(holder, others, type === 'reverse_stock_split');
    }
    default:
      return answered(surplusLegs(holder), 'unverified');
  }
}

/** Decides every holder's set of a `ca_id`, slowly and by the letter of the rules; a holder without an answer is left out. */
export function decideSlowly(view: LedgerView): ReadonlyMap<string, Answer> {
  const type = mostCommon(view.holders.map(({ movements }) => movements.map((one) => one.type)));
  const old = mostCommon(view.holders.map(({ movements }) => out(movements).map(({ instrument }) => instrument)));
  const typeOf: TypeOf = ({ movements }) => type ?? mostCommon(movements.map((one) => [one.type]));
  return new Map(
    view.holders.flatMap((holder): [string, Answer][] => {
      const judged = judgeByType(typeOf, old, view, holder);
      return judged === null
        ? []
        : [[holder.userId, together([answered(ownMismatches(holder, typeOf(holder)), 'complete'), judged])]];
    }),
  );
}
