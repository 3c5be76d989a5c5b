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
  out,
  ownMismatches,
  surplusLegs,
  together,
  size,
} from './slow-words';

const EXCHANGES = ['spin_off', 'merger_stock'];

/** What a set is judged as; null for a type nobody knows. */
export type TypeOf = (holder: LedgerHolder) => string | null;

/** What all sets of a spin-off or stock merger say together. */
interface Exchange {
  readonly old: string;
  readonly isSpinOff: boolean;
  readonly news: readonly string[];
  readonly unitOf: (instrument: string) => Fraction;
  readonly votesFor: (instrument: string) => readonly RatioInterval[];
}

interface Parts {
  readonly away: LedgerMovement | undefined;
  readonly back: LedgerMovement | undefined;
  readonly newOf: (instrument: string) => LedgerMovement | undefined;
  readonly hasCashInLieu: boolean;
}

function partsOf({ movements }: LedgerHolder, old: string): Parts {
  const hasShare = (transactionId: string): boolean =>
    movements.some((one) => one.transactionId === transactionId && !isFiat(one));
  return {
    away: out(movements).find(({ instrument }) => instrument === old),
    back: into(movements).find(({ instrument }) => instrument === old),
    newOf: (wanted) => into(movements).find(({ instrument }) => instrument === wanted),
    hasCashInLieu: movements.some((one) => isFiat(one) && !hasShare(one.transactionId)),
  };
}

/** What does not belong into a spin-off or stock merger at all. */
function strayMismatches(holder: LedgerHolder, old: string, isSpinOff: boolean): readonly Mismatch[] {
  return [
    ...out(holder.movements)
      .filter(({ instrument }) => instrument !== old)
      .map(() => mismatch('mixed-instruments')),
    ...(isSpinOff || partsOf(holder, old).back === undefined ? [] : [mismatch('surplus-leg')]),
  ];
}

/** What one set proves of the ratio of one new instrument; null unless nothing about the set is in doubt. */
function voteOf(
  holder: LedgerHolder,
  type: string | null,
  { old, unitOf }: Pick<Exchange, 'old' | 'unitOf'>,
  wanted: string,
): RatioInterval | null {
  const { away, back, newOf, hasCashInLieu } = partsOf(holder, old);
  const isSpinOff = type === 'spin_off';
  const received = newOf(wanted);
  const wrong = [...ownMismatches(holder, type), ...surplusLegs(holder), ...strayMismatches(holder, old, isSpinOff)];
  if (wrong.length > 0 || hasCashInLieu || away === undefined || received === undefined) return null;
  if (isSpinOff && (back === undefined || !same(size(away), size(back)))) return null;
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

/** The new share came; with cash in lieu it may be anything up to what it would be cut off to. */
function judgePresent(
  quantity: Fraction,
  received: LedgerMovement,
  { before }: LedgerHolder,
  hasCashInLieu: boolean,
  { unitOf, votesFor }: Exchange,
): Answer {
  const { instrument } = received;
  const votes = votesFor(instrument);
  const ratio = elected(votes);
  const amount = size(received);
  const differs = answered([mismatch('ratio-differs', null, instrument)], '');
  if (hasCashInLieu) {
    return ratio === null || less(amount, times(quantity, ratio.high)) ? answered([], 'complete') : differs;
  }
  const proved = provedBy(quantity, amount, unitOf(instrument));
  if (ratio === null) return answered([], votes.every((vote) => meet(vote, proved)) ? 'complete' : 'unverified');
  if (meet(ratio, proved)) return answered([], 'complete');
  const held = before === null ? ZERO : fraction(before);
  const isSoldInPart =
    less(quantity, held) &&
    less(times(held, ratio.low), plus(amount, unitOf(instrument))) &&
    less(amount, times(held, ratio.high));
  return isSoldInPart ? answered([], 'complete') : differs;
}

/** New shares without any old one: the old share had been sold, or both its legs are lost; only the holding can tell. */
function judgeWithoutOld(
  { before }: LedgerHolder,
  { newOf, hasCashInLieu }: Parts,
  { old, isSpinOff, news }: Exchange,
): Answer {
  // Nobody holds less than nothing: such a holding says that the openings are wrong, not what they were.
  if (before === null || less(fraction(before), ZERO)) return answered([], 'unverified');
  if (!less(ZERO, fraction(before))) {
    // Of several new shares an absent one may be too small or lost: the quantity that entitled to it is gone with the old one.
    const isWhole = hasCashInLieu || news.every((wanted) => newOf(wanted) !== undefined);
    return answered([], isWhole ? 'old-share-sold' : 'unverified');
  }
  return answered([missing('old-out', old), ...(isSpinOff ? [missing('old-in', old)] : [])], '');
}

/** Nothing at all came: only a known holding and a known ratio can tell that something is missing. */
function judgeNothing({ before }: LedgerHolder, { news, votesFor, unitOf }: Exchange): Answer | null {
  const held = before === null ? ZERO : fraction(before);
  const isDue = news.some((wanted) => {
    const ratio = elected(votesFor(wanted));
    return ratio !== null && less(ZERO, held) && !less(times(held, ratio.low), unitOf(wanted));
  });
  return isDue ? answered([mismatch('whole-set-missing')], '') : null;
}

/** A set in which at least one leg of the old share came: asked about each new instrument of the `ca_id`. */
function judgeWithOld(holder: LedgerHolder, parts: Parts, quantity: Fraction, exchange: Exchange): Answer {
  const { away, back, newOf, hasCashInLieu } = parts;
  const { old, isSpinOff, news } = exchange;
  const differ = isSpinOff && away !== undefined && back !== undefined && !same(size(away), size(back));
  const oldLegs = [
    ...(away === undefined ? [missing('old-out', old)] : []),
    ...(isSpinOff && back === undefined ? [missing('old-in', old)] : []),
    ...(differ ? [mismatch('quantity-differs')] : []),
  ];
  const answers = news.map((wanted) => {
    const received = newOf(wanted);
    if (received === undefined) {
      return hasCashInLieu ? answered([], 'complete') : judgeAbsent(quantity, holder, wanted, exchange);
    }
    if (differ && !hasCashInLieu) return answered([], 'complete');
    return judgePresent(quantity, received, holder, hasCashInLieu, exchange);
  });
  const nobodyReceived = news.length === 0 && !hasCashInLieu ? [answered([], 'unverified')] : [];
  return together([answered(oldLegs, 'complete'), ...answers, ...nobodyReceived]);
}

/** Decides one set of a spin-off or stock merger; null where nothing came and nothing is missing. */
export function judgeExchanged(holder: LedgerHolder, exchange: Exchange): Answer | null {
  if (holder.movements.length === 0) return judgeNothing(holder, exchange);
  const { old, isSpinOff } = exchange;
  const parts = partsOf(holder, old);
  const sizes = [parts.away, isSpinOff ? parts.back : undefined].flatMap((leg) =>
    leg === undefined ? [] : [size(leg)],
  );
  const [first, ...further] = sizes;
  const strays = [...surplusLegs(holder), ...strayMismatches(holder, old, isSpinOff)];
  const judged =
    first === undefined
      ? judgeWithoutOld(holder, parts, exchange)
      : judgeWithOld(holder, parts, further.reduce(smaller, first), exchange);
  return together([answered(strays, 'complete'), judged]);
}

/** What the sets of all holders say, before any of them is decided. */
export function exchangeOf(view: LedgerView, old: string, type: string | null, typeOf: TypeOf): Exchange {
  const isSpinOff = type === 'spin_off';
  const holders = view.holders.filter((holder) => EXCHANGES.includes(typeOf(holder) ?? ''));
  const all = holders.flatMap(({ movements }) => movements);
  const unitOf = (instrument: string): Fraction => {
    const group = all.find((one) => one.instrument === instrument && one.assetGroup !== null)?.assetGroup ?? '*';
    return fraction(view.precisions[group] ?? view.precisions['*'] ?? '0.00000001');
  };
  const news = distinct(into(all).map(({ instrument }) => instrument)).filter((instrument) => instrument !== old);
  const votes = new Map(
    news.map((wanted) => [
      wanted,
      holders.flatMap((holder) => voteOf(holder, typeOf(holder), { old, unitOf }, wanted) ?? []),
    ]),
  );
  return { old, isSpinOff, news, unitOf, votesFor: (wanted) => votes.get(wanted) ?? [] };
}
