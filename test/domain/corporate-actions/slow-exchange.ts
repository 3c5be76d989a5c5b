import {
  elected,
  type Fraction,
  fraction,
  less,
  meet,
  plus,
  provedBy,
  same,
  smaller,
  type RatioInterval,
  times,
  ZERO,
} from './fractions';
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

const EXCHANGES = ['spin_off', 'merger_stock'];

/** What a set is judged as; null for a type nobody knows. */
export type TypeOf = (holder: LedgerHolder) => string | null;

/** What all sets of a spin-off, stock merger or split say together. */
export interface Exchange {
  readonly old: string;
  readonly type: string | null;
  readonly news: readonly string[];
  readonly unitOf: (instrument: string) => Fraction;
  readonly votesFor: (instrument: string) => readonly RatioInterval[];
}

interface Parts {
  readonly legs: readonly LedgerMovement[];
  readonly away: LedgerMovement | undefined;
  readonly back: LedgerMovement | undefined;
  readonly newOf: (instrument: string) => LedgerMovement | undefined;
  readonly hasCashInLieu: boolean;
}

function partsOf({ movements }: LedgerHolder, type: string | null, old: string): Parts {
  const legs = slowLegs(movements, type, old);
  const hasShare = (transactionId: string): boolean =>
    legs.some((one) => one.transactionId === transactionId && !isFiat(one));
  return {
    legs,
    away: out(legs).find(({ instrument }) => instrument === old),
    back: into(legs).find(({ instrument }) => instrument === old),
    newOf: (wanted) => into(legs).find(({ instrument }) => instrument === wanted),
    hasCashInLieu: legs.some((one) => isFiat(one) && !hasShare(one.transactionId)),
  };
}

/** What does not belong into a spin-off or stock merger at all. */
function strayMismatches({ legs, away, back }: Parts, old: string, type: string | null, news: readonly string[]) {
  const strangers = legs.filter((one) => !isFiat(one) && one.instrument !== old);
  return [
    ...out(strangers).map(({ instrument }) => mismatch(news.includes(instrument) ? 'wrong-sign' : 'mixed-instruments')),
    ...into(strangers)
      .filter(({ instrument }) => !news.includes(instrument))
      .map(() => mismatch('mixed-instruments')),
    ...(type === 'spin_off' || back === undefined ? [] : [mismatch(away === undefined ? 'wrong-sign' : 'surplus-leg')]),
  ];
}

/** What one set proves of the ratio of one new instrument; null unless nothing about the set is in doubt. */
function voteOf(
  holder: LedgerHolder,
  type: string | null,
  { old, unitOf, news }: Pick<Exchange, 'old' | 'unitOf' | 'news'>,
  wanted: string,
): RatioInterval | null {
  const parts = partsOf(holder, type, old);
  const { legs, away, back, newOf, hasCashInLieu } = parts;
  const received = newOf(wanted);
  const wrong = [...ownMismatches(holder, type), ...surplusLegs(legs), ...strayMismatches(parts, old, type, news)];
  if (wrong.length > 0 || hasCashInLieu || away === undefined || received === undefined) return null;
  if (type === 'spin_off' && (back === undefined || !same(size(away), size(back)))) return null;
  return provedBy(size(away), size(received), unitOf(wanted));
}

/** The new share a holder should have received for `quantity` old ones did not come. */
function judgeAbsent(
  quantity: Fraction,
  { before }: LedgerHolder,
  wanted: string,
  { unitOf, votesFor }: Exchange,
): Answer {
  const ratio = elected(votesFor(wanted));
  const unit = unitOf(wanted);
  if (ratio === null) return answered([], 'unverified');
  if (!less(unit, times(quantity, ratio.high))) {
    // Who is known to have held more may have sold in part since the record date, and be owed more than too little.
    const held = before === null ? ZERO : fraction(before);
    const mayBeDue = less(quantity, held) && less(unit, times(held, ratio.high));
    return answered([], mayBeDue ? 'unverified' : 'new-share-too-small');
  }
  const isDue = !less(times(quantity, ratio.low), unit);
  return answered(isDue ? [missing('new-in', wanted)] : [], 'unverified');
}

/** The new share came. */
function judgePresent(quantity: Fraction, received: LedgerMovement, holder: LedgerHolder, exchange: Exchange): Answer {
  const { instrument } = received;
  const { unitOf, votesFor } = exchange;
  const votes = votesFor(instrument);
  const ratio = elected(votes);
  const amount = size(received);
  const proved = provedBy(quantity, amount, unitOf(instrument));
  if (ratio === null) return answered([], votes.every((vote) => meet(vote, proved)) ? 'complete' : 'unverified');
  if (meet(ratio, proved)) return answered([], 'complete');
  const held = heldBy(holder);
  const isSoldInPart = less(quantity, held) && meet(ratio, provedBy(held, amount, unitOf(instrument)));
  return answered(isSoldInPart ? [] : [mismatch('ratio-differs', null, instrument)], 'complete');
}

/** Nobody holds less than nothing: such a holding says nothing. */
function heldBy({ before }: LedgerHolder): Fraction {
  const held = before === null ? ZERO : fraction(before);
  return less(held, ZERO) ? ZERO : held;
}

const ONE = fraction('1');

/** The largest whole number of steps of `step` that is not above an amount. */
function floorTo(amount: Fraction, step: Fraction): Fraction {
  const steps = (amount.top * step.bottom) / (amount.bottom * step.top);
  return times({ top: steps, bottom: 1n }, step);
}

/** What may be booked for a quantity: the least and the most whole units above the one and below the other end. */
export function bookedFor(ratio: RatioInterval, quantity: Fraction, unit: Fraction): readonly [Fraction, Fraction] {
  const [from, to] = [times(quantity, ratio.low), times(quantity, ratio.high)];
  const least = plus(floorTo(from, unit), unit);
  const below = floorTo(to, unit);
  const most = same(below, to) ? plus(below, { top: -unit.top, bottom: unit.bottom }) : below;
  return less(most, least) ? [floorTo(from, unit), least] : [least, most];
}

/** With money the new share is right from what is expected in whole shares up to what is expected. */
function judgeWithCash(
  quantity: Fraction,
  received: LedgerMovement | undefined,
  holder: LedgerHolder,
  wanted: string,
  { unitOf, votesFor }: Exchange,
): Answer {
  const votes = votesFor(wanted);
  const ratio = elected(votes);
  const unit = unitOf(wanted);
  if (received === undefined) {
    if (ratio === null) return answered([], 'unverified');
    const [least, most] = bookedFor(ratio, quantity, unit);
    if (less(most, ONE)) return answered([], 'complete');
    return answered(less(least, ONE) ? [] : [missing('new-in', wanted)], 'unverified');
  }
  const amount = size(received);
  const fits = (said: RatioInterval, entitling: Fraction): boolean | null => {
    const [least, most] = bookedFor(said, entitling, unit);
    if (!less(amount, plus(times(entitling, said.high), unit)) || less(amount, floorTo(least, ONE))) return false;
    return less(amount, floorTo(most, ONE)) ? null : true;
  };
  if (ratio === null) {
    const isOne = votes.every((vote) => votes.every((other) => meet(vote, other)));
    const common = votes.reduce<RatioInterval | null>(
      (a, b) => (a === null ? b : { low: less(a.low, b.low) ? b.low : a.low, high: smaller(a.high, b.high) }),
      null,
    );
    return answered([], common === null || (isOne && fits(common, quantity) === true) ? 'complete' : 'unverified');
  }
  const held = heldBy(holder);
  const found = fits(ratio, quantity);
  if (found === true || (less(quantity, held) && fits(ratio, held) === true)) return answered([], 'complete');
  return answered(found === null ? [] : [mismatch('ratio-differs', null, wanted)], 'unverified');
}

/** New shares without any old one: the old share had been sold, or both its legs are lost; only the holding can tell. */
function judgeWithoutOld({ before }: LedgerHolder, { newOf }: Parts, { old, type, news }: Exchange): Answer {
  if (before === null || less(fraction(before), ZERO)) return answered([], 'unverified');
  if (!less(ZERO, fraction(before))) {
    // Of several new shares an absent one may be too small or lost: the quantity that entitled to it is gone with the old one.
    const isWhole = news.length > 0 && news.every((wanted) => newOf(wanted) !== undefined);
    return answered([], isWhole ? 'old-share-sold' : 'unverified');
  }
  return answered([missing('old-out', old), ...(type === 'spin_off' ? [missing('old-in', old)] : [])], '');
}

/** Nothing at all came: only a known holding and a known ratio can tell that something is missing. */
function judgeNothing(holder: LedgerHolder, { news, votesFor, unitOf }: Exchange): Answer | null {
  const held = heldBy(holder);
  const isDue = news.some((wanted) => {
    const ratio = elected(votesFor(wanted));
    return ratio !== null && less(ZERO, held) && !less(times(held, ratio.low), unitOf(wanted));
  });
  return isDue ? answered([mismatch('whole-set-missing')], '') : null;
}

/** A set in which at least one leg of the old share came: asked about each new instrument of the `ca_id`. */
function judgeWithOld(holder: LedgerHolder, parts: Parts, quantity: Fraction, exchange: Exchange): Answer {
  const { away, back, newOf, hasCashInLieu } = parts;
  const { old, type, news } = exchange;
  const isSpinOff = type === 'spin_off';
  const differ = isSpinOff && away !== undefined && back !== undefined && !same(size(away), size(back));
  const oldLegs = [
    ...(away === undefined ? [missing('old-out', old)] : []),
    ...(isSpinOff && back === undefined ? [missing('old-in', old)] : []),
    ...(differ ? [mismatch('quantity-differs')] : []),
  ];
  const answers = news.map((wanted) => {
    const received = newOf(wanted);
    if (hasCashInLieu) return judgeWithCash(quantity, received, holder, wanted, exchange);
    if (received === undefined) return judgeAbsent(quantity, holder, wanted, exchange);
    return differ ? answered([], 'complete') : judgePresent(quantity, received, holder, exchange);
  });
  const nobodyReceived = news.length === 0 ? [answered([], 'unverified')] : [];
  return together([answered(oldLegs, 'complete'), ...answers, ...nobodyReceived]);
}

/** Decides one set of a spin-off or stock merger; null where nothing came and nothing is missing. */
export function judgeExchanged(holder: LedgerHolder, exchange: Exchange): Answer | null {
  if (holder.movements.length === 0) return judgeNothing(holder, exchange);
  const { old, type, news } = exchange;
  const parts = partsOf(holder, type, old);
  if (parts.legs.length === 0) {
    return judgeNothing(holder, exchange) ?? answered([], 'unverified');
  }
  const sizes = [parts.away, type === 'spin_off' ? parts.back : undefined].flatMap((leg) =>
    leg === undefined ? [] : [size(leg)],
  );
  const [first, ...further] = sizes;
  const strays: readonly Mismatch[] = [...surplusLegs(parts.legs), ...strayMismatches(parts, old, type, news)];
  const judged =
    first === undefined
      ? judgeWithoutOld(holder, parts, exchange)
      : judgeWithOld(holder, parts, further.reduce(smaller, first), exchange);
  return together([answered(strays, 'complete'), judged]);
}

/** A new share that more came of than went. */
function newSharesOf({ movements }: LedgerHolder, old: string): readonly string[] {
  const shares = movements.filter((one) => !isFiat(one) && one.instrument !== old);
  const count = (side: readonly LedgerMovement[], wanted: string): number =>
    side.filter(({ instrument }) => instrument === wanted).length;
  return distinct(shares.map(({ instrument }) => instrument)).filter(
    (wanted) => count(into(shares), wanted) > count(out(shares), wanted),
  );
}

/** What the sets of all holders say, before any of them is decided. */
export function exchangeOf(view: LedgerView, old: string, type: string | null, typeOf: TypeOf): Exchange {
  const holders = view.holders.filter((holder) => EXCHANGES.includes(typeOf(holder) ?? ''));
  const receipts = holders.map((holder) => newSharesOf(holder, old)).filter((received) => received.length > 0);
  const news = distinct(receipts.flat()).filter((wanted) => {
    const count = receipts.filter((received) => received.includes(wanted)).length;
    return receipts.length === 1 || (count >= 2 && count / receipts.length >= 0.1);
  });
  const unitOf = unitsOf(view, holders);
  const votes = new Map(
    news.map((wanted) => [
      wanted,
      holders.flatMap((holder) => voteOf(holder, typeOf(holder), { old, unitOf, news }, wanted) ?? []),
    ]),
  );
  return { old, type, news, unitOf, votesFor: (wanted) => votes.get(wanted) ?? [] };
}

/** The unit of an instrument's most frequent group; every generated corporate action has one. */
export function unitsOf(view: LedgerView, holders: readonly LedgerHolder[]): (instrument: string) => Fraction {
  return (instrument) => {
    const own = holders.flatMap(({ movements }) => movements).filter((one) => one.instrument === instrument);
    const group = mostCommon(own.map(({ assetGroup }) => [assetGroup ?? '*'])) ?? '*';
    return fraction(view.precisions[group] ?? view.precisions['*'] ?? '0.00000001');
  };
}
