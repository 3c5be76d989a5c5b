import { type Agreement, agreementsOf, type Basis, claimsOf, exchangeOfSet, isUnresolved, typeOfSet } from './claims';
import type {
  CorporateAction,
  HolderSet,
  InstrumentRatio,
  JudgedCorporateAction,
  Judgement,
  SetMovement,
} from './corporate-action';
import { Exact, shown } from './exact';
import { ownBreaks, surplus } from './own-breaks';
import { countedWith, type FactCounts, factsOf, groundOf, NO_FACTS } from './set-facts';
import { type Assessment, judgeExchange, judgeNothing, type NewInstruments } from './share-exchange';
import { judgeDividend, judgePayout, judgeSplit, type OtherHolders } from './single-booking';

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
  const conclusions = { ...basis, facts, agreements };
  return {
    ...headingOf(conclusions),
    judgements: holders.flatMap((holder) => judgeHolder(conclusions, holder) ?? []),
  };
}

/** The conclusions from all sets by which each of them is judged. */
export interface Conclusions extends Basis {
  readonly facts: FactCounts;
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
  const { userId, movements, before } = holder;
  const { old } = conclusions.ground;
  if (movements.length === 0) {
    const nothing = old === null ? null : judgeNothing(old, before, newInstrumentsOf(conclusions));
    return nothing === null ? null : { userId, ...nothing };
  }
  const own = ownBreaks(movements, old, typeOfSet(holder, conclusions.ground));
  const assessment =
    (isUnresolved(holder, conclusions) ? null : assessByType(conclusions, holder)) ?? judgeUnknown(movements, old);
  const breaks = [...own, ...assessment.breaks];
  return {
    userId,
    verdict: breaks.length > 0 ? 'break' : assessment.verdict,
    breaks,
    expectedNew: assessment.expectedNew,
  };
}

function newInstrumentsOf({ agreements, unitOf }: Conclusions): NewInstruments {
  return {
    consensusByInstrument: new Map([...agreements].map(([instrument, { consensus }]) => [instrument, consensus])),
    unitOf: (instrument) => agreements.get(instrument)?.unit ?? unitOf(undefined),
  };
}

/** Of what cannot be judged only a movement that looks like a repetition is known to be wrong. */
function judgeUnknown(movements: readonly SetMovement[], old: string | null): Assessment {
  return { verdict: 'unverified', breaks: surplus(movements, old), expectedNew: {} };
}

/** The assessment of a set by the rules of its type; null for an unknown type, or while the old share is not known. */
function assessByType(conclusions: Conclusions, holder: HolderSet): Assessment | null {
  const { old } = conclusions.ground;
  const type = typeOfSet(holder, conclusions.ground);
  switch (type) {
    case 'spin_off':
    case 'merger_stock': {
      const exchange = exchangeOfSet(holder, conclusions);
      return exchange === null ? null : judgeExchange(exchange, holder.before, newInstrumentsOf(conclusions));
    }
    case 'merger_cash':
    case 'delisting':
      return judgePayout(holder, old);
    case 'dividend':
      return judgeDividend(holder, old);
    case 'stock_split':
    case 'reverse_stock_split':
      return judgeSplit(holder, old, type === 'reverse_stock_split', othersOf(conclusions, holder));
    default:
      return null;
  }
}

function othersOf({ facts, aliased }: Conclusions, holder: HolderSet): OtherHolders {
  const own = factsOf(holder, aliased);
  return {
    received: facts.receivers > Number(own.receives),
    gaveAway: facts.givers > Number(own.givenAway.length > 0),
  };
}
