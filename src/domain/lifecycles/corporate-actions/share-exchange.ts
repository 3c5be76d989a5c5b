import type { Bounds, Break, HolderSet, SetMovement, Verdict } from './corporate-action';
import { Exact, plain } from './exact';
import { isFiat, isNegative } from './old-instrument';
import { breakAt, legOf, missing, surplus } from './own-breaks';
import { type RatioConsensus, bounds, overlap, overlapsAll, type RatioInterval, ratioIntervalOf } from './ratio';

/** The verdict on a set by the rules of its type, with the breaks and the new shares that it should have. */
export interface Assessment {
  readonly verdict: Verdict;
  readonly breaks: readonly Break[];
  readonly expectedNew: Readonly<Record<string, Bounds>>;
}

/** The new instruments as all holders' sets show them. */
export interface NewInstruments {
  readonly consensusByInstrument: ReadonlyMap<string, RatioConsensus>;
  /** The smallest amount of the instrument that the partner books. */
  readonly unitOf: (instrument: string) => Exact;
}

/** The assessment of a spin-off's or stock merger's set that has at least one movement. */
export function judgeExchange(
  exchange: Exchange,
  beforeText: HolderSet['before'],
  newInstruments: NewInstruments,
): Assessment {
  const before = beforeText === null ? null : new Exact(beforeText);
  const old = entitled(exchange);
  const expectedNew = expectedOf(newInstruments, old ?? before);
  if (old === null) {
    const alone = judgeNewAlone(exchange, before, newInstruments.consensusByInstrument.size);
    const breaks = [...exchange.breaks, ...alone.breaks];
    return { verdict: breaks.length > 0 ? 'break' : alone.verdict, breaks, expectedNew };
  }
  const oldBreaks = oldLegBreaks(exchange);
  const oldLegsDiffer = oldBreaks.some(({ kind }) => kind === 'quantity-differs');
  const newShares = [...newInstruments.consensusByInstrument].map(([instrument, consensus]) => {
    const share = exchange.received.get(instrument);
    return assessNewShare(
      exchange,
      { instrument, share, old, before, unit: newInstruments.unitOf(instrument), consensus },
      oldLegsDiffer,
    );
  });
  // Without any holder that received something nobody knows what the new share is.
  const nothingNew = newInstruments.consensusByInstrument.size === 0 && !exchange.cashInLieu ? [UNKNOWN] : [];
  const structural = { verdict: 'break', breaks: [...exchange.breaks, ...oldBreaks] } as const;
  return { ...together([structural, ...newShares, ...nothingNew]), expectedNew };
}

/** The parts of a spin-off's or stock merger's set. */
export interface Exchange {
  readonly old: string;
  /** A spin-off gives the old share back, a merger does not. */
  readonly keepsOld: boolean;
  readonly out: SetMovement | null;
  readonly back: SetMovement | null;
  readonly received: ReadonlyMap<string, SetMovement>;
  /** True for money without a share in the same event: paid instead of a fraction of the new share. */
  readonly cashInLieu: boolean;
  readonly breaks: readonly Break[];
}

/** The parts of a set that exchanges shares; what stands in it too often, or does not belong there, is a break. */
export function exchangeOf(movements: readonly SetMovement[], old: string, keepsOld: boolean): Exchange {
  const shares = movements.filter((movement) => !isFiat(movement));
  const events = new Set(shares.map(({ transactionId }) => transactionId));
  const out = shares.find((one) => isNegative(one) && one.instrument === old) ?? null;
  const back = shares.find((one) => !isNegative(one) && one.instrument === old) ?? null;
  const gained = shares.filter((one) => !isNegative(one) && one.instrument !== old);
  const strays = shares.filter((one) => isNegative(one) && one.instrument !== old);
  return {
    old,
    keepsOld,
    out,
    back: keepsOld ? back : null,
    received: new Map([...gained].reverse().map((one) => [one.instrument, one])),
    cashInLieu: movements.some((one) => isFiat(one) && !events.has(one.transactionId)),
    breaks: [
      ...surplus(movements, old),
      ...strays.map((one) => ({
        ...breakAt('mixed-instruments', one, 'old-out'),
        expected: old,
        found: one.instrument,
      })),
      ...(keepsOld || back === null ? [] : [breakAt('surplus-leg', back, legOf(back, old))]),
    ],
  };
}

/** The quantity that entitles to new shares; where the two old legs differ, the smaller one is sure. */
function entitled({ out, back }: Exchange): Exact | null {
  const quantities = [out, back].flatMap((leg) => (leg === null ? [] : [magnitude(leg)]));
  return quantities.length === 0 ? null : Exact.min(...quantities);
}

function magnitude({ amount }: SetMovement): Exact {
  return new Exact(amount).abs();
}

/** The breaks between the old share given away and given back. */
function oldLegBreaks({ old, keepsOld, out, back }: Exchange): readonly Break[] {
  if (out === null && back === null) return [];
  if (out === null) return [missing('old-out', old, back === null ? null : `-${back.amount}`)];
  if (!keepsOld) return [];
  if (back === null) return [missing('old-in', old, plain(magnitude(out)))];
  if (magnitude(out).eq(magnitude(back))) return [];
  return [breakAt('quantity-differs', back, 'old-in', plain(magnitude(out)))];
}

/** The assessment of one part of a set. */
interface PartAssessment {
  readonly verdict: Verdict;
  readonly breaks: readonly Break[];
}

const FINE: PartAssessment = { verdict: 'complete', breaks: [] };
const UNKNOWN: PartAssessment = { verdict: 'unverified', breaks: [] };

/** The new share alone: either the old one had been sold, or its legs are lost; only the holding before decides which. */
function judgeNewAlone(exchange: Exchange, before: Exact | null, instruments: number): PartAssessment {
  const { old, keepsOld, received, cashInLieu } = exchange;
  if (before === null || before.isNegative()) return UNKNOWN;
  // Of several new shares one that is not there may have been too small, or be lost: its quantity is not known.
  const mayLackOne = received.size < instruments && !cashInLieu;
  if (before.isZero()) return mayLackOne ? UNKNOWN : { verdict: 'old-share-sold', breaks: [] };
  const amount = plain(before);
  const back = keepsOld ? [missing('old-in', old, amount)] : [];
  return { verdict: 'break', breaks: [missing('old-out', old, `-${amount}`), ...back] };
}

/** The facts by which a set's share of one new instrument is assessed. */
interface NewShare {
  readonly instrument: string;
  readonly share: SetMovement | undefined;
  readonly old: Exact;
  readonly before: Exact | null;
  readonly unit: Exact;
  readonly consensus: RatioConsensus;
}

function assessNewShare(exchange: Exchange, newShare: NewShare, oldLegsDiffer: boolean): PartAssessment {
  if (exchange.cashInLieu) return assessWithCash(newShare);
  if (newShare.share === undefined) return assessAbsent(newShare);
  return oldLegsDiffer ? FINE : assessPresent(newShare, newShare.share);
}

function assessAbsent({ instrument, old, before, unit, consensus }: NewShare): PartAssessment {
  if (consensus.ratio === null) return UNKNOWN;
  const { low, high } = bounds(consensus.ratio, old, unit);
  if (high.isZero()) {
    // More was held before: sold in part since the record date, it may entitle to more than what is left of it.
    const mayGiveMore = before?.gt(old) === true && !bounds(consensus.ratio, before, unit).high.isZero();
    return mayGiveMore ? UNKNOWN : { verdict: 'new-share-too-small', breaks: [] };
  }
  return low.isZero() ? UNKNOWN : { verdict: 'break', breaks: [missing('new-in', instrument, plain(low))] };
}

function assessPresent(newShare: NewShare, share: SetMovement): PartAssessment {
  const { old, unit, consensus } = newShare;
  const proved = ratioIntervalOf(old, new Exact(share.amount), unit);
  if (consensus.ratio === null) return overlapsAll(consensus, proved) ? FINE : UNKNOWN;
  if (overlap(proved, consensus.ratio) || fitsBefore(share, consensus.ratio, newShare)) return FINE;
  return differs(newShare, share, consensus.ratio);
}

/** A share that was sold in part since the record date entitles by what was held before. */
function fitsBefore(share: SetMovement, ratio: RatioInterval, { old, before, unit }: NewShare): boolean {
  if (before === null || before.lte(old)) return false;
  return overlap(ratioIntervalOf(before, new Exact(share.amount), unit), ratio);
}

/** With money for the fraction the new share may be anything up to the amount it would be cut off to. */
function assessWithCash(newShare: NewShare): PartAssessment {
  const { share, consensus, old, unit } = newShare;
  if (share === undefined || consensus.ratio === null) return FINE;
  const { high } = bounds(consensus.ratio, old, unit);
  return high.gte(share.amount) ? FINE : differs(newShare, share, consensus.ratio);
}

function differs({ old, unit }: NewShare, share: SetMovement, ratio: RatioInterval): PartAssessment {
  const { low } = bounds(ratio, old, unit);
  return { verdict: 'break', breaks: [breakAt('ratio-differs', share, 'new-in', plain(low))] };
}

/** The assessment of all parts together: a break before what is not known, that before what is too small. */
function together(parts: readonly PartAssessment[]): PartAssessment {
  const breaks = parts.flatMap((one) => one.breaks);
  const has = (verdict: Verdict): boolean => parts.some((one) => one.verdict === verdict);
  if (breaks.length > 0) return { verdict: 'break', breaks };
  if (has('unverified')) return UNKNOWN;
  return has('new-share-too-small') ? { verdict: 'new-share-too-small', breaks } : FINE;
}

function expectedOf(
  { consensusByInstrument, unitOf }: NewInstruments,
  quantity: Exact | null,
): Readonly<Record<string, Bounds>> {
  if (quantity === null || quantity.lte(0)) return {};
  return Object.fromEntries(
    [...consensusByInstrument].flatMap(([instrument, { ratio }]) => {
      if (ratio === null) return [];
      const { low, high } = bounds(ratio, quantity, unitOf(instrument));
      return [[instrument, { low: plain(low), high: plain(high) }]];
    }),
  );
}

/**
 * The assessment of a holder of whom no movement came, although the holding gives something: the whole set is missing.
 * Null where that is not known.
 */
export function judgeNothing(old: string, before: string | null, newInstruments: NewInstruments): Assessment | null {
  if (before === null) return null;
  const held = new Exact(before);
  if (held.lte(0)) return null;
  const expectedNew = expectedOf(newInstruments, held);
  if (!Object.values(expectedNew).some(({ low }) => !new Exact(low).isZero())) return null;
  const missingSet = {
    kind: 'whole-set-missing',
    leg: 'old-out',
    instrument: old,
    expected: `-${plain(held)}`,
  } as const;
  return { verdict: 'break', breaks: [{ ...missingSet, found: null }], expectedNew };
}

/** The interval that a set proves of each new instrument; nothing where anything about it is in doubt. */
export function provedBy(
  exchange: Exchange,
  hasOwnBreaks: boolean,
  unitOf: (movement: SetMovement) => Exact,
): ReadonlyMap<string, RatioInterval> {
  const { out, back, keepsOld, cashInLieu, breaks, received } = exchange;
  const isWhole = out !== null && (!keepsOld || back !== null);
  const isSound = breaks.length === 0 && !hasOwnBreaks && oldLegBreaks(exchange).length === 0 && !cashInLieu;
  if (out === null || !isWhole || !isSound) return new Map();
  return new Map(
    [...received].map(([instrument, share]) => [
      instrument,
      ratioIntervalOf(magnitude(out), new Exact(share.amount), unitOf(share)),
    ]),
  );
}
