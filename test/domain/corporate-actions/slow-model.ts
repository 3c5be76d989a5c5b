import { elected, type Fraction, fraction, less, provedBy, type RatioInterval, same, times } from './fractions';
import { bookedFor, type Exchange, exchangeOf, judgeExchanged, type TypeOf, unitsOf } from './slow-exchange';
import { slowLegs } from './slow-legs';
import {
  type Answer,
  answered,
  distinct,
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

function judgePaidOut(legs: readonly LedgerMovement[]): Answer {
  const money = legs.filter(isFiat);
  const [away, gained] = [out(legs), into(legs)];
  // A share that comes alone has the wrong sign; beside the one that goes it is one too many.
  const isWrong = away.length === 0 && gained.length > 0;
  return answered(
    [
      ...secondOfOne(away),
      ...gained.map((_one, index) => mismatch(isWrong && index === 0 ? 'wrong-sign' : 'surplus-leg')),
      ...surplusLegs(money),
      ...(away.length === 0 && !isWrong ? [missing('old-out')] : []),
      ...(money.length === 0 ? [missing('fiat')] : []),
    ],
    'complete',
  );
}

function judgeDividend(legs: readonly LedgerMovement[]): Answer {
  const contradicted = (one: LedgerMovement): boolean => one.direction === 'incoming';
  const shares = [...out(legs), ...into(legs)];
  return answered(
    [
      // One that says `incoming` contradicts itself and is named already.
      ...out(legs).flatMap((one) => (contradicted(one) ? [] : [mismatch('wrong-sign')])),
      ...shares.slice(1).map(() => mismatch('surplus-leg')),
      ...legs
        .filter(isFiat)
        .slice(1)
        .map(() => mismatch('surplus-leg')),
    ],
    'complete',
  );
}

/** What the sets of a split say together. */
interface Split {
  readonly isReverse: boolean;
  /** Enough of them show a share that goes beside one that comes. */
  readonly showsBoth: boolean;
  readonly ratios: readonly (RatioInterval & { readonly unit: Fraction })[];
}

function judgeSplit({ before }: LedgerHolder, legs: readonly LedgerMovement[], split: Split): Answer {
  const { isReverse, showsBoth } = split;
  const away = out(legs);
  const gained = into(legs);
  const [lost] = away;
  if (away.length > 1 || gained.length > 1) return answered([...secondOfOne(away), ...secondOfOne(gained)], '');
  if (away.length === 1 && gained.length === 1) return answered([], 'complete');
  if (lost === undefined) {
    // Money alone is no split, and says nothing of one.
    if (gained.length === 0) return answered([], 'unverified');
    if (isReverse) return answered([showsBoth ? missing('old-out') : mismatch('wrong-sign')], '');
    return answered([], showsBoth ? 'unverified' : 'complete');
  }
  if (!isReverse) return answered([showsBoth ? missing('new-in') : mismatch('wrong-sign')], '');
  if (before !== null && !same(fraction(before), size(lost))) return answered([], 'complete');
  if (legs.some(isFiat)) return judgePaidInstead(size(lost), split);
  if (!showsBoth) return answered([], 'complete');
  return before === null ? answered([], 'unverified') : answered([missing('new-in')], '');
}

const ONE = fraction('1');

/** Less than one new share was left, and all of it paid: as the ratio says. */
function judgePaidInstead(quantity: Fraction, { ratios }: Split): Answer {
  return together(
    ratios.length === 0
      ? [answered([], 'unverified')]
      : ratios.map(({ low, high, unit }) => {
          const [least, most] = bookedFor({ low, high }, quantity, unit);
          if (less(most, ONE)) return answered([], 'complete');
          return answered(less(least, ONE) ? [] : [missing('new-in')], 'unverified');
        }),
  );
}

function splitOf(view: LedgerView, typeOf: TypeOf, old: string | null): Split {
  const holders = view.holders.map((holder) => ({ holder, legs: slowLegs(holder.movements, typeOf(holder), old) }));
  const moving = view.holders.filter(({ movements }) => movements.some((one) => !isFiat(one)));
  const both = view.holders.filter(({ movements }) => {
    const legs = slowLegs(movements, 'stock_split', null);
    return out(legs).length > 0 && into(legs).length > 0;
  });
  const unitOf = unitsOf(view, view.holders);
  const votes = holders.flatMap(({ holder, legs }) => {
    const [lost, gained] = [out(legs)[0], into(legs)[0]];
    if (lost === undefined || gained === undefined || legs.length !== 2) return [];
    if (ownMismatches(holder, typeOf(holder)).length > 0) return [];
    const { instrument } = gained;
    return [{ instrument, vote: provedBy(size(lost), size(gained), unitOf(instrument)) }];
  });
  const ratios = distinct(votes.map(({ instrument }) => instrument)).flatMap((wanted) => {
    const ratio = elected(votes.filter(({ instrument }) => instrument === wanted).map(({ vote }) => vote));
    return ratio === null ? [] : [{ ...ratio, unit: unitOf(wanted) }];
  });
  return {
    isReverse: false,
    ratios,
    showsBoth: both.length > 0 && both.length / Math.max(1, moving.length - 1) >= 0.1,
  };
}

function isSplit(type: string | null): boolean {
  return type?.endsWith('stock_split') === true;
}

/** Nothing came, although what was held gives at least a unit of what others received. */
function isWholeSplitMissing({ before }: LedgerHolder, { ratios }: Split): boolean {
  const held = fraction(before ?? '0');
  return ratios.some(({ low, unit }) => less(fraction('0'), held) && !less(times(held, low), unit));
}

/** What all sets say together, found once for each type of which there are sets. */
interface Together {
  readonly exchange: (type: string) => Exchange | null;
  readonly split: Split;
  readonly type: string | null;
  readonly old: string | null;
}

function judgeByType(typeOf: TypeOf, all: Together, holder: LedgerHolder): Answer | null {
  const { old } = all;
  const type = typeOf(holder);
  const exchange = type === 'spin_off' || type === 'merger_stock' ? all.exchange(type) : null;
  if (exchange !== null) return judgeExchanged(holder, exchange);
  const legs = slowLegs(holder.movements, type, old);
  if (legs.length === 0) {
    // Of a split's holder of whom nothing came, the others' type says that it is one.
    const isDue = isSplit(all.type) && old !== null && isWholeSplitMissing(holder, all.split);
    if (isDue) return answered([mismatch('whole-set-missing')], '');
    return holder.movements.length === 0 ? null : answered([], 'unverified');
  }
  switch (type) {
    case 'delisting':
    case 'merger_cash':
      return judgePaidOut(legs);
    case 'dividend':
      return judgeDividend(legs);
    case 'stock_split':
    case 'reverse_stock_split':
      return judgeSplit(holder, legs, { ...all.split, isReverse: type === 'reverse_stock_split' });
    default:
      return answered(surplusLegs(slowLegs(holder.movements, null, null)), 'unverified');
  }
}

/** A share is given away where as many movements of it went as came, or more. */
function givenAway({ movements }: LedgerHolder): readonly string[] {
  return distinct(out(movements).map(({ instrument }) => instrument)).filter((wanted) => {
    const count = (side: readonly LedgerMovement[]): number =>
      side.filter(({ instrument }) => instrument === wanted).length;
    return count(out(movements)) >= count(into(movements));
  });
}

/** The share that most holders give away. */
export function slowOld(view: LedgerView): string | null {
  return mostCommon(view.holders.map(givenAway));
}

/** Decides every holder's set of a `ca_id`, slowly and by the letter of the rules; a holder without an answer is left out. */
export function decideSlowly(view: LedgerView): ReadonlyMap<string, Answer> {
  const type = mostCommon(view.holders.map(({ movements }) => movements.map((one) => one.type)));
  const old = slowOld(view);
  const typeOf: TypeOf = ({ movements }) => type ?? mostCommon(movements.map((one) => [one.type]));
  const exchanges = new Map(
    ['spin_off', 'merger_stock'].map((one) => [one, old === null ? null : exchangeOf(view, old, one, typeOf)]),
  );
  const exchange = (one: string): Exchange | null => exchanges.get(one) ?? null;
  const all: Together = { exchange, split: splitOf(view, typeOf, old), type, old };
  return new Map(
    view.holders.flatMap((holder): [string, Answer][] => {
      const judged = judgeByType(typeOf, all, holder);
      return judged === null
        ? []
        : [[holder.userId, together([answered(ownMismatches(holder, typeOf(holder)), 'complete'), judged])]];
    }),
  );
}
