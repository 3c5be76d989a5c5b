/** What the ledger holds of one `ca_id`, in words of its own: this file shares nothing with the code it is held against. */
export interface LedgerMovement {
  readonly transactionId: string;
  /** `asset:<id>` or `fiat:<id>`. */
  readonly instrument: string;
  /** Signed decimal, never 0. */
  readonly amount: string;
  readonly type: string;
  readonly direction: string | null;
  readonly assetGroup: string | null;
  readonly contradictedBy: string | null;
}

export interface LedgerHolder {
  readonly userId: string;
  readonly movements: readonly LedgerMovement[];
  /** What was held of the old instrument before; null while unknown. */
  readonly before: string | null;
}

export interface LedgerView {
  readonly holders: readonly LedgerHolder[];
  /** The smallest amount by asset group; `*` for every other one. */
  readonly precisions: Readonly<Record<string, string>>;
}

/** A break by its kind; only a missing leg says which one, and only the new share's breaks say which instrument. */
export interface Mismatch {
  readonly kind: string;
  readonly leg: string | null;
  readonly instrument: string | null;
}

export interface Answer {
  readonly verdict: string;
  readonly breaks: readonly Mismatch[];
}

/** A fraction; the denominator is above 0. */
export interface Fraction {
  readonly top: bigint;
  readonly bottom: bigint;
}

function fraction(decimal: string): Fraction {
  const parts = /^(-?)(\d+)(?:\.(\d+))?$/.exec(decimal);
  if (parts === null) throw new Error(`Not a plain decimal: ${decimal}`);
  const [, sign = '', whole = '', digits = ''] = parts;
  return { top: BigInt(`${sign}${whole}${digits}`), bottom: 10n ** BigInt(digits.length) };
}

const ZERO = fraction('0');

function plus(a: Fraction, b: Fraction): Fraction {
  return { top: a.top * b.bottom + b.top * a.bottom, bottom: a.bottom * b.bottom };
}

function times(a: Fraction, b: Fraction): Fraction {
  return { top: a.top * b.top, bottom: a.bottom * b.bottom };
}

/** `b` is above 0. */
function over(a: Fraction, b: Fraction): Fraction {
  return { top: a.top * b.bottom, bottom: a.bottom * b.top };
}

export function less(a: Fraction, b: Fraction): boolean {
  return a.top * b.bottom < b.top * a.bottom;
}

function same(a: Fraction, b: Fraction): boolean {
  return !less(a, b) && !less(b, a);
}

function smaller(a: Fraction, b: Fraction): Fraction {
  return less(b, a) ? b : a;
}

function size(movement: LedgerMovement): Fraction {
  const { top, bottom } = fraction(movement.amount);
  return { top: top < 0n ? -top : top, bottom };
}

/** All ratios from `low` on and below `high`. */
interface Stretch {
  readonly low: Fraction;
  readonly high: Fraction;
}

/** The ratios with which `quantity` old shares give exactly `received` new ones, all beyond the last unit cut off. */
function provedBy(quantity: Fraction, received: Fraction, unit: Fraction): Stretch {
  return { low: over(received, quantity), high: over(plus(received, unit), quantity) };
}

function meet(a: Stretch, b: Stretch): boolean {
  return less(a.low, b.high) && less(b.low, a.high);
}

function holds(stretch: Stretch, point: Fraction): boolean {
  return !less(point, stretch.low) && less(point, stretch.high);
}

/**
 * The stretch that the most votes hold: where it begins, one of them begins. Null unless those votes are at least two and
 * more than half, and no other stretch has as many.
 */
function elected(votes: readonly Stretch[]): Stretch | null {
  const beginnings = votes
    .map(({ low }) => low)
    .filter((low, index, all) => all.findIndex((other) => same(other, low)) === index)
    .map((low) => ({ low, holders: votes.filter((vote) => holds(vote, low)) }));
  const most = Math.max(0, ...beginnings.map(({ holders }) => holders.length));
  const [first, ...others] = beginnings.filter(({ holders }) => holders.length === most);
  if (first === undefined || others.length > 0 || most < 2 || most * 2 <= votes.length) return null;
  return { low: first.low, high: first.holders.map(({ high }) => high).reduce(smaller) };
}

function isFiat(movement: LedgerMovement): boolean {
  return movement.instrument.startsWith('fiat:');
}

function isOut(movement: LedgerMovement): boolean {
  return movement.amount.startsWith('-');
}

function out(movements: readonly LedgerMovement[]): readonly LedgerMovement[] {
  return movements.filter((one) => !isFiat(one) && isOut(one));
}

function into(movements: readonly LedgerMovement[]): readonly LedgerMovement[] {
  return movements.filter((one) => !isFiat(one) && !isOut(one));
}

function mismatch(kind: string, leg: string | null = null, instrument: string | null = null): Mismatch {
  return { kind, leg, instrument };
}

function missing(leg: string, instrument: string | null = null): Mismatch {
  return mismatch('missing-leg', leg, instrument);
}

function distinct(words: readonly string[]): readonly string[] {
  return [...new Set(words)];
}

/** The word that most of the lists contain; null when none does, or two share the first place. */
function mostCommon(lists: readonly (readonly string[])[]): string | null {
  const words = distinct(lists.flat());
  const count = (word: string): number => lists.filter((list) => list.includes(word)).length;
  const winners = words.filter((word) => words.every((other) => other === word || count(other) < count(word)));
  return winners[0] ?? null;
}

/** What is wrong with a set whatever else is known: these hold for every type. */
function ownMismatches({ movements }: LedgerHolder): readonly Mismatch[] {
  const contradicts = ({ direction, amount }: LedgerMovement): boolean =>
    (direction === 'incoming' && amount.startsWith('-')) || (direction === 'outgoing' && !amount.startsWith('-'));
  return [
    ...movements.filter(({ contradictedBy }) => contradictedBy !== null).map(() => mismatch('contradicting-repeat')),
    ...movements.filter(contradicts).map(() => mismatch('wrong-sign')),
    ...(distinct(movements.map(({ type }) => type)).length > 1 ? [mismatch('mixed-types')] : []),
  ];
}

/** One for every movement after the first of one instrument and sign. */
function surplusShares({ movements }: LedgerHolder): readonly Mismatch[] {
  return [out(movements), into(movements)].flatMap((side) =>
    side
      .filter((one, index) => side.findIndex(({ instrument }) => instrument === one.instrument) < index)
      .map(() => mismatch('surplus-leg')),
  );
}

function answered(breaks: readonly Mismatch[], otherwise: string): Answer {
  return { verdict: breaks.length > 0 ? 'break' : otherwise, breaks };
}

/** What all sets of a spin-off or stock merger say together. */
interface Exchange {
  readonly old: string;
  readonly isSpinOff: boolean;
  readonly news: readonly string[];
  readonly unitOf: (instrument: string) => Fraction;
  readonly votesFor: (instrument: string) => readonly Stretch[];
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
  { old, isSpinOff, unitOf }: Omit<Exchange, 'news' | 'votesFor'>,
  wanted: string,
): Stretch | null {
  const { away, back, newOf, hasCashInLieu } = partsOf(holder, old);
  const received = newOf(wanted);
  const wrong = [...ownMismatches(holder), ...surplusShares(holder), ...strayMismatches(holder, old, isSpinOff)];
  if (wrong.length > 0 || hasCashInLieu || away === undefined || received === undefined) return null;
  if (isSpinOff && (back === undefined || !same(size(away), size(back)))) return null;
  return provedBy(size(away), size(received), unitOf(wanted));
}

/** The new share a holder should have received for `quantity` old ones did not come. */
function judgeAbsent(quantity: Fraction, wanted: string, { unitOf, votesFor }: Exchange): Answer {
  const ratio = elected(votesFor(wanted));
  const unit = unitOf(wanted);
  if (ratio === null) return answered([], 'unverified');
  if (!less(unit, times(quantity, ratio.high))) return answered([], 'new-share-too-small');
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
function judgeWithoutOld({ before }: LedgerHolder, { old, isSpinOff }: Exchange): Answer {
  // Nobody holds less than nothing: such a holding says that the openings are wrong, not what they were.
  if (before === null || less(fraction(before), ZERO)) return answered([], 'unverified');
  if (!less(ZERO, fraction(before))) return answered([], 'old-share-sold');
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

function together(answers: readonly Answer[]): Answer {
  const has = (verdict: string): boolean => answers.some((one) => one.verdict === verdict);
  const strongestFirst = ['unverified', 'old-share-sold', 'new-share-too-small'];
  return answered(
    answers.flatMap(({ breaks }) => breaks),
    strongestFirst.find(has) ?? 'complete',
  );
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
      return hasCashInLieu ? answered([], 'complete') : judgeAbsent(quantity, wanted, exchange);
    }
    if (differ && !hasCashInLieu) return answered([], 'complete');
    return judgePresent(quantity, received, holder, hasCashInLieu, exchange);
  });
  const nobodyReceived = news.length === 0 && !hasCashInLieu ? [answered([], 'unverified')] : [];
  return together([answered(oldLegs, 'complete'), ...answers, ...nobodyReceived]);
}

function judgeExchanged(holder: LedgerHolder, exchange: Exchange): Answer | null {
  if (holder.movements.length === 0) return judgeNothing(holder, exchange);
  const { old, isSpinOff } = exchange;
  const parts = partsOf(holder, old);
  const sizes = [parts.away, isSpinOff ? parts.back : undefined].flatMap((leg) =>
    leg === undefined ? [] : [size(leg)],
  );
  const [first, ...further] = sizes;
  const strays = [...surplusShares(holder), ...strayMismatches(holder, old, isSpinOff)];
  const judged =
    first === undefined
      ? judgeWithoutOld(holder, exchange)
      : judgeWithOld(holder, parts, further.reduce(smaller, first), exchange);
  return together([answered(strays, 'complete'), judged]);
}

function exchangeOf(view: LedgerView, old: string, isSpinOff: boolean): Exchange {
  const all = view.holders.flatMap(({ movements }) => movements);
  const unitOf = (instrument: string): Fraction => {
    const group = all.find((one) => one.instrument === instrument && one.assetGroup !== null)?.assetGroup ?? '*';
    return fraction(view.precisions[group] ?? view.precisions['*'] ?? '0.00000001');
  };
  const news = distinct(into(all).map(({ instrument }) => instrument)).filter((instrument) => instrument !== old);
  const votes = new Map(
    news.map((wanted) => [
      wanted,
      view.holders.flatMap((holder) => voteOf(holder, { old, isSpinOff, unitOf }, wanted) ?? []),
    ]),
  );
  return { old, isSpinOff, news, unitOf, votesFor: (wanted) => votes.get(wanted) ?? [] };
}

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
    if (isReverse) return answered([missing('old-out')], '');
    return answered([], others.some(({ movements }) => out(movements).length > 0) ? 'unverified' : 'complete');
  }
  if (!isReverse) return answered([missing('new-in')], '');
  if (others.every(({ movements }) => into(movements).length === 0)) return answered([], 'complete');
  if (holder.before === null) return answered([], 'unverified');
  return answered(same(fraction(holder.before), size(lost)) ? [missing('new-in')] : [], 'complete');
}

function judgeByType(type: string | null, old: string | null, view: LedgerView, holder: LedgerHolder): Answer | null {
  const isExchange = type === 'spin_off' || type === 'merger_stock';
  if (isExchange && old !== null) return judgeExchanged(holder, exchangeOf(view, old, type === 'spin_off'));
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
      return answered(surplusShares(holder), 'unverified');
  }
}

/** Decides every holder's set of a `ca_id`, slowly and by the letter of the rules; a holder without an answer is left out. */
export function decideSlowly(view: LedgerView): ReadonlyMap<string, Answer> {
  const type = mostCommon(view.holders.map(({ movements }) => movements.map((one) => one.type)));
  const old = mostCommon(view.holders.map(({ movements }) => out(movements).map(({ instrument }) => instrument)));
  return new Map(
    view.holders.flatMap((holder): [string, Answer][] => {
      const judged = judgeByType(type, old, view, holder);
      return judged === null ? [] : [[holder.userId, together([answered(ownMismatches(holder), 'complete'), judged])]];
    }),
  );
}
