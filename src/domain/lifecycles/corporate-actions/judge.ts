import { type Assessment, partOf, together, unknownPart } from './assessment';
import {
  type Agreement,
  agreementsOf,
  type Basis,
  claimsOf,
  exchangeOfSet,
  isUnresolved,
  type TypedSet,
  typedSetOf,
} from './claims';
import type {
  BreakKind,
  CorporateAction,
  HolderSet,
  InstrumentRatio,
  JudgedCorporateAction,
  Judgement,
  Unknown,
} from './corporate-action';
import { Exact, shown } from './exact';
import { legsOf } from './legs';
import type { NewInstruments } from './new-share';
import { type FoundBreak, ownBreaks, surplus } from './own-breaks';
import { countedWith, factsOf, groundOf, NO_FACTS } from './set-facts';
import { judgeExchange, judgeNothing } from './share-exchange';
import { judgeDividend, judgePayout, judgeSplit } from './single-booking';

/**
 * The judgement of every holder's set of one corporate action from what the ledger holds, in whatever order it came.
 * What cannot be proved is `unverified`: two bookings look exactly like three of which one was lost.
 */
export function judgeCorporateAction(action: CorporateAction): JudgedCorporateAction {
  const { holders, precisions, aliased = new Set<string>() } = action;
  const facts = countedWith(
    NO_FACTS,
    holders.map((holder) => factsOf(holder, aliased)),
  );
  const basis = { ground: groundOf(facts), aliased, unitOf: unitsOf(precisions) };
  const agreements = agreementsOf(holders.flatMap((holder) => claimsOf(holder, basis)));
  const conclusions = { ...basis, agreements };
  return {
    ...headingOf(conclusions),
    judgements: holders.flatMap((holder) => judgeHolder(conclusions, holder) ?? []),
  };
}

/** The conclusions from all sets by which each of them is judged. */
export interface Conclusions extends Basis {
  readonly agreements: ReadonlyMap<string, Agreement>;
}

/** The part of a judgement that is about no single holder. */
export function headingOf({ ground, agreements }: Pick<Conclusions, 'ground' | 'agreements'>): Heading {
  const ratios = [...agreements].sort(([a], [b]) => (a < b ? -1 : 1)).map(shownRatio);
  return {
    type: ground.type,
    oldInstrument: ground.old,
    newInstruments: ratios.map(({ instrument }) => instrument),
    ratios,
  };
}

/** The part of a judgement that is about no single holder. */
export type Heading = Omit<JudgedCorporateAction, 'judgements'>;

function shownRatio([instrument, { consensus }]: [string, Agreement]): InstrumentRatio {
  const { ratio, votes, agreeing } = consensus;
  const interval = ratio === null ? null : { low: shown(ratio.low, 'down'), high: shown(ratio.high, 'up') };
  return { instrument, ratio: interval, completeSets: votes, agreeingSets: agreeing };
}

/** The key under which the precision of every other asset group stands. */
export const ANY_GROUP = '*';

/** The smallest amount that the partner books of a movement's asset group. */
export function unitsOf(precisions: CorporateAction['precisions']): Basis['unitOf'] {
  const units = new Map(Object.entries(precisions).map(([group, unit]) => [group, new Exact(unit)]));
  const usual = units.get(ANY_GROUP) ?? new Exact('0.00000001');
  return (movement) => units.get(movement?.assetGroup ?? ANY_GROUP) ?? usual;
}

/** The judgement of a set: by itself, and, where its shares are known for sure, by the rules of its type; null where nothing is missing. */
export function judgeHolder(conclusions: Conclusions, holder: HolderSet): Judgement | null {
  const { old } = conclusions.ground;
  if (holder.movements.length === 0) {
    const nothing = old === null ? null : judgeNothing(old, holder, newInstrumentsOf(conclusions));
    return nothing === null ? null : judgementOf(holder, [], nothing);
  }
  const set = typedSetOf(holder, conclusions.ground);
  const own = ownBreaks(set.movements, set.legs, old, set.type);
  return judgementOf(holder, own, assess(conclusions, holder, set));
}

function judgementOf({ userId }: HolderSet, own: readonly FoundBreak[], assessment: Assessment): Judgement {
  const { expectedNew, unknown } = assessment;
  const breaks = [...own, ...assessment.breaks];
  const isBroken = breaks.length > 0;
  return {
    userId,
    verdict: isBroken ? 'break' : assessment.verdict,
    breaks: breaks.map(({ transactionId, ...shown }) => shown),
    expectedNew,
    unknown: isBroken ? [] : unknown,
    held: heldBy(breaks),
  };
}

const HOLDING: readonly BreakKind[] = ['surplus-leg', 'contradicting-repeat'];

/** The events whose money is not passed on: of the others nothing is in doubt. */
function heldBy(breaks: readonly FoundBreak[]): readonly string[] {
  const doubtful = breaks.filter(({ kind }) => HOLDING.includes(kind));
  return [...new Set(doubtful.flatMap(({ transactionId }) => transactionId ?? []))].sort();
}

function newInstrumentsOf({ agreements, unitOf }: Conclusions): NewInstruments {
  return {
    consensusByInstrument: new Map([...agreements].map(([instrument, { consensus }]) => [instrument, consensus])),
    unitOf: (instrument) => agreements.get(instrument)?.unit ?? unitOf(undefined),
  };
}

/** The assessment of a set by the rules of its type. */
function assess(conclusions: Conclusions, holder: HolderSet, set: TypedSet): Assessment {
  if (isUnresolved(holder, conclusions)) return assessUnknown(holder, 'alias not known');
  const isNothingLeft = set.legs.shares.length + set.legs.money.length === 0;
  return isNothingLeft ? assessTakenBack(conclusions, holder) : assessByType(conclusions, holder, set);
}

/** Everything was taken back: as if nothing had come, but the partner may still owe it. */
function assessTakenBack(conclusions: Conclusions, holder: HolderSet): Assessment {
  const { old } = conclusions.ground;
  const nothing = old === null ? null : judgeNothing(old, holder, newInstrumentsOf(conclusions));
  return nothing ?? { ...unknownPart('nothing left'), expectedNew: {} };
}

function assessByType(conclusions: Conclusions, holder: HolderSet, set: TypedSet): Assessment {
  const { old, exchanges } = conclusions.ground;
  const { type, legs } = set;
  switch (type) {
    case 'spin_off':
    case 'merger_stock': {
      const exchange = exchangeOfSet(set, conclusions);
      if (exchange === null) return assessUnknown(holder, 'old share not known');
      return judgeExchange(exchange, holder, newInstrumentsOf(conclusions));
    }
    case 'merger_cash':
    case 'delisting':
      return { ...judgePayout(legs, old), expectedNew: {} };
    case 'dividend':
      return { ...judgeDividend(legs, old), expectedNew: {} };
    case 'stock_split':
    case 'reverse_stock_split': {
      const newInstruments = newInstrumentsOf(conclusions);
      const isReverse = type === 'reverse_stock_split';
      return { ...judgeSplit(legs, { old, isReverse, exchanges, holder, newInstruments }), expectedNew: {} };
    }
    default:
      return assessUnknown(holder, 'type not known');
  }
}

/** Of what cannot be judged only a movement that looks like a repetition is known to be wrong. */
function assessUnknown({ movements }: HolderSet, reason: Unknown['reason']): Assessment {
  const { shares, money } = legsOf(movements, null, null);
  return { ...together([partOf(surplus([...shares, ...money], null)), unknownPart(reason)]), expectedNew: {} };
}
