import type { Break, HolderSet, SetMovement } from './corporate-action';
import { Exact } from './exact';
import { isFiat, isNegative } from './old-instrument';
import { breakAt, legOf, missing, surplus } from './own-breaks';
import type { Assessment } from './share-exchange';

function said(breaks: readonly Break[]): Assessment {
  return { verdict: breaks.length > 0 ? 'break' : 'complete', breaks, expectedNew: {} };
}

const UNKNOWN: Assessment = { verdict: 'unverified', breaks: [], expectedNew: {} };

/** Delisting and merger for cash: the share goes, money comes, in one event or two. */
export function judgePayout({ movements }: HolderSet, old: string | null): Assessment {
  const money = movements.filter(isFiat);
  const shares = movements.filter((one) => !isFiat(one));
  const out = shares.filter(isNegative);
  const instrument = out[0]?.instrument ?? old;
  const gained = shares.filter((one) => !isNegative(one));
  const [first, ...others] = out;
  return said([
    ...surplus(money, old),
    ...others.map((one) =>
      one.instrument === first?.instrument
        ? breakAt('surplus-leg', one, 'old-out')
        : { ...breakAt('mixed-instruments', one, 'old-out', instrument), found: one.instrument },
    ),
    ...gained.map((one) => breakAt('surplus-leg', one, legOf(one, old))),
    ...(first === undefined ? [missing('old-out', instrument)] : []),
    ...(money.length === 0 ? [missing('fiat', null)] : []),
  ]);
}

/** A dividend: one share or one sum of money. */
export function judgeDividend({ movements }: HolderSet, old: string | null): Assessment {
  const [, ...further] = movements;
  const taken = movements.filter((one) => !isFiat(one) && isNegative(one) && one.direction !== 'incoming');
  return said([
    ...taken.map((one) => breakAt('wrong-sign', one, 'old-out', 'incoming')),
    ...further.map((one) => breakAt('surplus-leg', one, legOf(one, old))),
  ]);
}

/** Evidence from other holders of a split. */
export interface OtherHolders {
  readonly received: boolean;
  readonly gaveAway: boolean;
}

/** A lone booking of the right sign is the whole split, unless other holders show that a second one belongs to it. */
function judgeLone(one: SetMovement, { before }: HolderSet, isReverse: boolean, others: OtherHolders): Assessment {
  if (isReverse && !isNegative(one)) return said([missing('old-out', null)]);
  if (!isReverse && isNegative(one)) return said([missing('new-in', null)]);
  if (!isReverse) return others.gaveAway ? UNKNOWN : said([]);
  if (!others.received) return said([]);
  if (before === null) return UNKNOWN;
  return said(new Exact(before).eq(new Exact(one.amount).abs()) ? [missing('new-in', null)] : []);
}

function tooMany(movements: readonly SetMovement[], old: string | null): readonly Break[] {
  const [first, ...others] = movements;
  return others.map((one) =>
    one.instrument === first?.instrument
      ? breakAt('surplus-leg', one, legOf(one, old))
      : { ...breakAt('mixed-instruments', one, legOf(one, old), first?.instrument ?? null), found: one.instrument },
  );
}

/** Split and reverse split: one booking of the right sign, or the old share out and another number of it, or another share, in. */
export function judgeSplit(
  holder: HolderSet,
  old: string | null,
  isReverse: boolean,
  others: OtherHolders,
): Assessment {
  const shares = holder.movements.filter((one) => !isFiat(one));
  const out = shares.filter(isNegative);
  const gained = shares.filter((one) => !isNegative(one));
  const breaks = [...tooMany(out, old), ...tooMany(gained, old)];
  const [lone] = shares;
  if (breaks.length > 0 || shares.length !== 1 || lone === undefined) {
    return shares.length === 0 ? UNKNOWN : said(breaks);
  }
  return judgeLone(lone, holder, isReverse, others);
}
