import type { Break, HolderSet, SetMovement } from './corporate-action';
import { Exact } from './exact';
import { isFiat, isNegative } from './old-instrument';
import { breakAt, legOf, missing, surplus } from './own-breaks';
import type { Assessment } from './share-exchange';

/** The assessment of a delisting or a merger for cash: the share goes, money comes, in one event or two. */
export function judgePayout({ movements }: HolderSet, old: string | null): Assessment {
  const money = movements.filter(isFiat);
  const shares = movements.filter((one) => !isFiat(one));
  const out = shares.filter(isNegative);
  const gained = shares.filter((one) => !isNegative(one));
  return assessed([
    ...surplus(money, old),
    ...tooMany(out, old),
    ...gained.map((one) => breakAt('surplus-leg', one, legOf(one, old))),
    ...(out.length === 0 ? [missing('old-out', old)] : []),
    ...(money.length === 0 ? [missing('fiat', null)] : []),
  ]);
}

/** The assessment of a dividend: one share or one sum of money. */
export function judgeDividend({ movements }: HolderSet, old: string | null): Assessment {
  const [, ...further] = movements;
  const taken = movements.filter((one) => !isFiat(one) && isNegative(one) && one.direction !== 'incoming');
  return assessed([
    ...taken.map((one) => breakAt('wrong-sign', one, 'old-out', 'incoming')),
    ...further.map((one) => breakAt('surplus-leg', one, legOf(one, old))),
  ]);
}

/**
 * The assessment of a split or reverse split: one booking of the right sign, or the old share out and another number of
 * it, or another share, in.
 */
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
    return shares.length === 0 ? UNKNOWN : assessed(breaks);
  }
  return judgeLone(lone, holder, isReverse, others);
}

function tooMany(movements: readonly SetMovement[], old: string | null): readonly Break[] {
  const [first, ...others] = movements;
  return others.map((one) =>
    one.instrument === first?.instrument
      ? breakAt('surplus-leg', one, legOf(one, old))
      : { ...breakAt('mixed-instruments', one, legOf(one, old), first?.instrument ?? null), found: one.instrument },
  );
}

/** The movements that other holders of a split show. */
export interface OtherHolders {
  readonly received: boolean;
  readonly gaveAway: boolean;
}

/** A lone booking of the right sign is the whole split, unless other holders show that a second one belongs to it. */
function judgeLone(one: SetMovement, { before }: HolderSet, isReverse: boolean, others: OtherHolders): Assessment {
  if (isReverse && !isNegative(one)) return assessed([missing('old-out', null)]);
  if (!isReverse && isNegative(one)) return assessed([missing('new-in', null)]);
  if (!isReverse) return others.gaveAway ? UNKNOWN : assessed([]);
  if (!others.received) return assessed([]);
  if (before === null) return UNKNOWN;
  return assessed(new Exact(before).eq(new Exact(one.amount).abs()) ? [missing('new-in', null)] : []);
}

function assessed(breaks: readonly Break[]): Assessment {
  return { verdict: breaks.length > 0 ? 'break' : 'complete', breaks, expectedNew: {} };
}

const UNKNOWN: Assessment = { verdict: 'unverified', breaks: [], expectedNew: {} };
