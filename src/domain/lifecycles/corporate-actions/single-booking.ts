import { FINE, holdingsNotKnown, type Part, partOf, together, unknownPart } from './assessment';
import type { HolderSet, SetMovement } from './corporate-action';
import { Exact } from './exact';
import type { Legs } from './legs';
import { assessPaidInstead, type NewInstruments } from './new-share';
import { isNegative } from './old-instrument';
import { breakAt, type FoundBreak, legOf, missing, mixed, surplus } from './own-breaks';

/** The assessment of a delisting or a merger for cash: the share goes, money comes, in one event or two. */
export function judgePayout({ shares, money }: Legs, old: string | null): Part {
  const out = shares.filter(isNegative);
  const gained = shares.filter((one) => !isNegative(one));
  const [wrong, ...further] = out.length === 0 ? gained : [];
  const tooMuch = out.length === 0 ? further : gained;
  return partOf([
    ...surplus(money, old),
    ...tooMany(out, old),
    ...(wrong === undefined ? [] : [breakAt('wrong-sign', wrong, 'old-out')]),
    ...tooMuch.map((one) => breakAt('surplus-leg', one, legOf(one, old))),
    ...(out.length === 0 && wrong === undefined ? [missing('old-out', old)] : []),
    ...(money.length === 0 ? [missing('fiat', null)] : []),
  ]);
}

/** The assessment of a dividend: a share, a sum of money, or one of both. */
export function judgeDividend({ shares, money }: Legs, old: string | null): Part {
  const taken = shares.filter((one) => isNegative(one) && one.direction !== 'incoming');
  const further = [...shares.slice(1), ...money.slice(1)];
  return partOf([
    ...taken.map((one) => breakAt('wrong-sign', one, 'old-out', 'incoming')),
    ...further.map((one) => breakAt('surplus-leg', one, legOf(one, old))),
  ]);
}

/** The facts by which the set of a split is assessed, beside its legs. */
export interface Split {
  readonly old: string | null;
  readonly isReverse: boolean;
  /** True where enough holders show that a share goes and another number of it, or another share, comes. */
  readonly exchanges: boolean;
  readonly holder: HolderSet;
  readonly newInstruments: NewInstruments;
}

/**
 * The assessment of a split or reverse split: one movement of the right sign, or the old share out and another number of
 * it, or another share, in.
 */
export function judgeSplit({ shares, money }: Legs, split: Split): Part {
  const out = shares.filter(isNegative);
  const gained = shares.filter((one) => !isNegative(one));
  const breaks = [...tooMany(out, split.old), ...tooMany(gained, split.old)];
  const [lone] = shares;
  // Money alone is no split, and says nothing of one.
  if (lone === undefined) return unknownPart('other leg not known');
  if (breaks.length > 0 || shares.length !== 1) return partOf(breaks);
  return judgeLone(lone, money.length > 0, split);
}

function tooMany(movements: readonly SetMovement[], old: string | null): readonly FoundBreak[] {
  const [first, ...others] = movements;
  return others.map((one) =>
    one.instrument === first?.instrument
      ? breakAt('surplus-leg', one, legOf(one, old))
      : mixed(one, legOf(one, old), first?.instrument ?? null),
  );
}

/** A lone movement of the right sign is the whole split, unless other holders show that a second one belongs to it. */
function judgeLone(one: SetMovement, hasMoney: boolean, split: Split): Part {
  const { isReverse, exchanges } = split;
  if (isNegative(one)) return isReverse || exchanges ? judgeLoneOut(one, hasMoney, split) : wrongSign(one, split);
  if (isReverse) return exchanges ? partOf([missing('old-out', null)]) : wrongSign(one, split);
  return exchanges ? unknownPart('other leg not known') : FINE;
}

function wrongSign(one: SetMovement, { old }: Split): Part {
  return partOf([breakAt('wrong-sign', one, legOf(one, old))]);
}

/** The share that went may have been all of it: then something has to come, be it money for less than one new share. */
function judgeLoneOut(one: SetMovement, hasMoney: boolean, split: Split): Part {
  const { isReverse, exchanges, holder } = split;
  const held = holder.before === null ? null : new Exact(holder.before);
  const isEmptied = held === null ? null : held.eq(new Exact(one.amount).abs());
  if (isReverse && isEmptied === false) return FINE;
  if (isReverse && hasMoney) return judgePaidOut(one, split);
  if (!exchanges) return FINE;
  // Only a reverse split may be one movement out, the difference.
  if (isReverse && isEmptied === null) return holdingsNotKnown(holder);
  return partOf([missing('new-in', null)]);
}

/** All of it went, and money came: right where it leaves less than one new share, as the others' ratio says. */
function judgePaidOut(one: SetMovement, { newInstruments }: Split): Part {
  const { consensusByInstrument, unitOf } = newInstruments;
  const ratios = [...consensusByInstrument].filter(([, { ratio }]) => ratio !== null);
  if (ratios.length === 0) return unknownPart('ratio not known');
  const old = new Exact(one.amount).abs();
  return together(
    ratios.map(([instrument, consensus]) =>
      assessPaidInstead({ instrument, share: undefined, old, before: null, unit: unitOf(instrument), consensus }),
    ),
  );
}
