import type {
  CorporateAction,
  HolderSet,
  InstrumentRatio,
  JudgedCorporateAction,
  Judgement,
  SetMovement,
} from './corporate-action';
import { Exact, shown } from './exact';
import { unresolvedHolders } from './id-styles';
import { isFiat, isNegative, mostFrequent, oldInstrumentOf } from './old-instrument';
import { ownBreaks, surplus } from './own-breaks';
import { consensusOf, type RatioConsensus, type RatioEvidence } from './ratio';
import {
  type Exchange,
  exchangeOf,
  judgeExchange,
  judgeNothing,
  type NewInstruments,
  provedBy,
  type Assessment,
} from './share-exchange';
import { judgeDividend, judgePayout, judgeSplit, type OtherHolders } from './single-booking';

/**
 * The judgement of every holder's set of one corporate action from what the ledger holds, in whatever order it came.
 * What cannot be proved is `unverified`: two bookings look exactly like three of which one was lost.
 */
export function judgeCorporateAction(action: CorporateAction): JudgedCorporateAction {
  const context = contextOf(action);
  const consensusByInstrument = [...context.newInstruments.consensusByInstrument].sort(([a], [b]) => (a < b ? -1 : 1));
  const ratios = consensusByInstrument.map(shownRatio);
  return {
    type: context.type,
    oldInstrument: context.old,
    newInstruments: ratios.map(({ instrument }) => instrument),
    ratios,
    judgements: action.holders.flatMap((holder) => judgeHolder(context, holder) ?? []),
  };
}

function shownRatio([instrument, { ratio, evidence, agreeing }]: [string, RatioConsensus]): InstrumentRatio {
  const interval = ratio === null ? null : { low: shown(ratio.low, 'down'), high: shown(ratio.high, 'up') };
  return { instrument, ratio: interval, completeSets: evidence.length, agreeingSets: agreeing };
}

/** The facts of all holders that judging one of them needs. */
interface ActionContext {
  readonly old: string | null;
  readonly type: string | null;
  readonly unresolved: ReadonlySet<string>;
  readonly exchanges: ReadonlyMap<string, Exchange>;
  readonly newInstruments: NewInstruments;
  /** The number of holders that received something. */
  readonly receivers: number;
  /** The number of holders that gave something away. */
  readonly givers: number;
}

/** The context of a corporate action, from all its holders. */
function contextOf({ holders, precisions, aliased }: CorporateAction): ActionContext {
  const old = oldInstrumentOf(holders);
  const type = typeOfAll(holders);
  const unresolved = unresolvedHolders(holders, aliased ?? new Set());
  const unit = unitsOf(precisions);
  const exchanges = new Map<string, Exchange>();
  for (const holder of holders) {
    const { userId, movements } = holder;
    const keepsOld = KEEPS_OLD.get(typeOfSet(holder, type));
    if (keepsOld === undefined || old === null || unresolved.has(userId)) continue;
    exchanges.set(userId, exchangeOf(movements, old, keepsOld));
  }
  const { consensusByInstrument, units } = takeConsensus(holders, exchanges, unit, type);
  const newInstruments = {
    consensusByInstrument,
    unitOf: (instrument: string) => units.get(instrument) ?? unit(undefined),
  };
  const receivers = holders.filter(receives).length;
  const givers = holders.filter(gives).length;
  return { old, type, unresolved, exchanges, newInstruments, receivers, givers };
}

/** The type of most sets; null where two are as frequent, and each set is judged by the type of most of its own movements. */
function typeOfAll(holders: readonly HolderSet[]): string | null {
  return mostFrequent(holders.flatMap(({ movements }) => [...new Set(movements.map(({ type }) => type))]));
}

function typeOfSet({ movements }: HolderSet, type: string | null): string | null {
  return type ?? mostFrequent(movements.map((one) => one.type));
}

/** The types that exchange shares, and whether the old one comes back. */
const KEEPS_OLD: ReadonlyMap<string | null, boolean> = new Map([
  ['spin_off', true],
  ['merger_stock', false],
]);

/** The key under which the precision of every other asset group stands. */
export const ANY_GROUP = '*';

function unitsOf(precisions: CorporateAction['precisions']): (movement: SetMovement | undefined) => Exact {
  const units = new Map(Object.entries(precisions).map(([group, unit]) => [group, new Exact(unit)]));
  const usual = units.get(ANY_GROUP) ?? new Exact('0.00000001');
  return (movement) => units.get(movement?.assetGroup ?? ANY_GROUP) ?? usual;
}

/** The consensus on every new instrument that any holder received, and the instrument's smallest amount. */
function takeConsensus(
  holders: readonly HolderSet[],
  exchanges: ReadonlyMap<string, Exchange>,
  unit: (movement: SetMovement) => Exact,
  type: string | null,
): { readonly consensusByInstrument: ReadonlyMap<string, RatioConsensus>; readonly units: ReadonlyMap<string, Exact> } {
  const evidence = new Map<string, RatioEvidence[]>();
  const units = new Map<string, Exact>();
  for (const holder of holders) {
    const { userId, movements } = holder;
    const exchange = exchanges.get(userId);
    if (exchange === undefined) continue;
    for (const [instrument, share] of exchange.received) {
      if (!evidence.has(instrument)) evidence.set(instrument, []);
      const known = units.get(instrument);
      units.set(instrument, known === undefined ? unit(share) : Exact.max(known, unit(share)));
    }
    const proved = provedBy(exchange, ownBreaks(movements, exchange.old, typeOfSet(holder, type)).length > 0, unit);
    for (const [instrument, interval] of proved) evidence.get(instrument)?.push({ userId, interval });
  }
  return {
    consensusByInstrument: new Map([...evidence].map(([instrument, found]) => [instrument, consensusOf(found)])),
    units,
  };
}

function receives({ movements }: HolderSet): boolean {
  return movements.some((one) => !isFiat(one) && !isNegative(one));
}

function gives({ movements }: HolderSet): boolean {
  return movements.some((one) => !isFiat(one) && isNegative(one));
}

/** The judgement of a set: by itself, and, where its shares are known for sure, by the rules of its type; null where nothing is missing. */
function judgeHolder(context: ActionContext, holder: HolderSet): Judgement | null {
  const { userId, movements, before } = holder;
  if (movements.length === 0) {
    const nothing = context.old === null ? null : judgeNothing(context.old, before, context.newInstruments);
    return nothing === null ? null : { userId, ...nothing };
  }
  const own = ownBreaks(movements, context.old, typeOfSet(holder, context.type));
  const assessment =
    (context.unresolved.has(userId) ? null : assessByType(context, holder)) ?? judgeUnknown(movements, context.old);
  const breaks = [...own, ...assessment.breaks];
  return {
    userId,
    verdict: breaks.length > 0 ? 'break' : assessment.verdict,
    breaks,
    expectedNew: assessment.expectedNew,
  };
}

/** Of what cannot be judged only a movement that looks like a repetition is known to be wrong. */
function judgeUnknown(movements: readonly SetMovement[], old: string | null): Assessment {
  return { verdict: 'unverified', breaks: surplus(movements, old), expectedNew: {} };
}

/** The assessment of a set by the rules of its type; null for an unknown type, or while the old share is not known. */
function assessByType(context: ActionContext, holder: HolderSet): Assessment | null {
  const type = typeOfSet(holder, context.type);
  switch (type) {
    case 'spin_off':
    case 'merger_stock': {
      const exchange = context.exchanges.get(holder.userId);
      return exchange === undefined ? null : judgeExchange(exchange, holder.before, context.newInstruments);
    }
    case 'merger_cash':
    case 'delisting':
      return judgePayout(holder, context.old);
    case 'dividend':
      return judgeDividend(holder, context.old);
    case 'stock_split':
    case 'reverse_stock_split':
      return judgeSplit(holder, context.old, type === 'reverse_stock_split', othersOf(context, holder));
    default:
      return null;
  }
}

function othersOf({ receivers, givers }: ActionContext, holder: HolderSet): OtherHolders {
  return { received: receivers > Number(receives(holder)), gaveAway: givers > Number(gives(holder)) };
}
