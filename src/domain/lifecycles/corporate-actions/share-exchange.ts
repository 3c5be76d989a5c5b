import { type Assessment, FINE, holdingsNotKnown, type Part, partOf, together, unknownPart } from './assessment';
import type { HolderSet, SetMovement } from './corporate-action';
import { Exact, plain } from './exact';
import type { Legs } from './legs';
import { assessNewShare, expectedOf, type NewInstruments } from './new-share';
import { isNegative } from './old-instrument';
import { breakAt, type FoundBreak, legOf, missing, mixed, surplus } from './own-breaks';
import { type RatioInterval, ratioIntervalOf } from './ratio';

/** The assessment of a spin-off's or stock merger's set that has at least one leg. */
export function judgeExchange(exchange: Exchange, holder: HolderSet, newInstruments: NewInstruments): Assessment {
  const before = heldBefore(holder);
  const old = entitled(exchange);
  const expectedNew = expectedOf(newInstruments, old ?? before);
  const structural = partOf([...exchange.breaks, ...oldLegBreaks(exchange)]);
  if (old === null) return { ...together([structural, judgeNewAlone(exchange, holder, newInstruments)]), expectedNew };
  const oldLegsDiffer = structural.breaks.some(({ kind }) => kind === 'quantity-differs');
  const newShares = [...newInstruments.consensusByInstrument].map(([instrument, consensus]) => {
    const share = exchange.received.get(instrument);
    const unit = newInstruments.unitOf(instrument);
    return assessNewShare({ instrument, share, old, before, unit, consensus }, { oldLegsDiffer, ...exchange });
  });
  // Without any holder that received something nobody knows what the new share is.
  const nothingNew = newShares.length === 0 ? [unknownPart('new share not known')] : [];
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
  readonly breaks: readonly FoundBreak[];
}

/** The shares by which a set of exchanged ones is read. */
export interface ExchangedShares {
  readonly old: string;
  /** A spin-off gives the old share back, a merger does not. */
  readonly keepsOld: boolean;
  readonly news: readonly string[];
}

/** The parts of a set that exchanges shares; what stands in it too often, or does not belong there, is a break. */
export function exchangeOf({ shares, money }: Legs, { old, keepsOld, news }: ExchangedShares): Exchange {
  const events = new Set(shares.map(({ transactionId }) => transactionId));
  const out = shares.find((one) => isNegative(one) && one.instrument === old) ?? null;
  const back = shares.find((one) => !isNegative(one) && one.instrument === old) ?? null;
  const others = shares.filter(({ instrument }) => instrument !== old);
  const gained = others.filter((one) => !isNegative(one));
  return {
    old,
    keepsOld,
    out,
    back: keepsOld ? back : null,
    received: new Map(
      gained
        .filter(({ instrument }) => news.includes(instrument))
        .reverse()
        .map((one) => [one.instrument, one]),
    ),
    cashInLieu: money.some(({ transactionId }) => !events.has(transactionId)),
    breaks: [
      ...surplus([...shares, ...money], old),
      ...others.filter(isNegative).map((one) => takenAway(one, old, news)),
      ...gained.filter(({ instrument }) => !news.includes(instrument)).map((one) => mixed(one, 'new-in', null)),
      ...(keepsOld || back === null ? [] : [givenBack(back, out)]),
    ],
  };
}

/** A new share that is taken away has the wrong sign; any other share does not belong to the exchange. */
function takenAway(one: SetMovement, old: string, news: readonly string[]): FoundBreak {
  return news.includes(one.instrument) ? breakAt('wrong-sign', one, 'new-in') : mixed(one, 'old-out', old);
}

/** A merger gives no old share back: alone it is one of the wrong sign. */
function givenBack(back: SetMovement, out: SetMovement | null): FoundBreak {
  return breakAt(out === null ? 'wrong-sign' : 'surplus-leg', back, legOf(back, back.instrument));
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
function oldLegBreaks({ old, keepsOld, out, back }: Exchange): readonly FoundBreak[] {
  if (out === null && back === null) return [];
  if (out === null) return [missing('old-out', old, back === null ? null : `-${back.amount}`)];
  if (!keepsOld) return [];
  if (back === null) return [missing('old-in', old, plain(magnitude(out)))];
  if (magnitude(out).eq(magnitude(back))) return [];
  return [breakAt('quantity-differs', back, 'old-in', plain(magnitude(out)))];
}

/** The holding before; null where it is not known. Nobody holds less than nothing: then something of it is missing. */
function heldBefore({ before }: HolderSet): Exact | null {
  const held = before === null ? null : new Exact(before);
  return held === null || held.isNegative() ? null : held;
}

/** The new share alone: either the old one had been sold, or its legs are lost; only the holding before decides which. */
function judgeNewAlone(
  { old, keepsOld, received }: Exchange,
  holder: HolderSet,
  { consensusByInstrument }: NewInstruments,
): Part {
  const before = heldBefore(holder);
  if (before === null) return holdingsNotKnown(holder);
  if (before.isZero()) {
    // Of several new shares one that is not there may have been too small, or be lost: its quantity is not known.
    const lacking = [...consensusByInstrument.keys()].filter((instrument) => !received.has(instrument));
    if (lacking.length > 0 || received.size === 0) return unknownPart('new share not known', lacking);
    return { ...FINE, verdict: 'old-share-sold' };
  }
  const amount = plain(before);
  return partOf([missing('old-out', old, `-${amount}`), ...(keepsOld ? [missing('old-in', old, amount)] : [])]);
}

/**
 * The assessment of a holder of whom no movement came, although the holding gives something: the whole set is missing.
 * Null where that is not known.
 */
export function judgeNothing(old: string, holder: HolderSet, newInstruments: NewInstruments): Assessment | null {
  const held = heldBefore(holder);
  if (held === null || held.isZero()) return null;
  const gives = [...newInstruments.consensusByInstrument].some(([instrument, { ratio }]) => {
    if (ratio === null) return false;
    const { numerator, denominator } = ratio.low;
    return held.times(numerator).gte(denominator.times(newInstruments.unitOf(instrument)));
  });
  if (!gives) return null;
  const wholeSet = { ...missing('old-out', old, `-${plain(held)}`), kind: 'whole-set-missing' } as const;
  return { ...partOf([wholeSet]), expectedNew: expectedOf(newInstruments, held) };
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
