import type {
  CorporateAction,
  HolderSet,
  InstrumentRatio,
  JudgedCorporateAction,
  JudgedType,
  Judgement,
  SetMovement,
} from './corporate-action';
import { Exact, shown } from './exact';
import { unresolvedHolders } from './id-styles';
import { isFiat, isNegative, mostFrequent, oldInstrumentOf } from './old-instrument';
import { ownBreaks, surplus } from './own-breaks';
import { type RatioConsensus, count, type RatioEvidence } from './ratio';
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

/** The group under which the precision of every other asset group stands. */
export const ANY_GROUP = '*';

/** Of what cannot be judged only a movement that looks like a repetition is known to be wrong. */
function judgeUnknown(movements: readonly SetMovement[], old: string | null): Assessment {
  return { verdict: 'unverified', breaks: surplus(movements, old), expectedNew: {} };
}

/** Types that exchange shares, and whether the old one comes back. */
const EXCHANGES: Readonly<Partial<Record<JudgedType, { readonly keepsOld: boolean }>>> = {
  spin_off: { keepsOld: true },
  merger_stock: { keepsOld: false },
};

/** Facts about all holders that judging one of them needs. */
interface ActionContext {
  readonly old: string | null;
  readonly type: string | null;
  readonly unresolved: ReadonlySet<string>;
  readonly exchanges: ReadonlyMap<string, Exchange>;
  readonly news: NewInstruments;
  /** Number of holders that received something, and of those that gave something away. */
  readonly receivers: number;
  readonly givers: number;
}

function hasOwn<T extends object>(table: T, key: string): key is string & keyof T {
  return Object.hasOwn(table, key);
}

function exchangeRule(type: string | null): { readonly keepsOld: boolean } | undefined {
  return type !== null && hasOwn(EXCHANGES, type) ? EXCHANGES[type] : undefined;
}

/**
 * Type of most sets; where two types are equally frequent each set is judged by the type of most of its own
 * movements.
 */
function typeOfAll(holders: readonly HolderSet[]): string | null {
  return mostFrequent(holders.flatMap(({ movements }) => [...new Set(movements.map(({ type }) => type))]));
}

function typeOfSet({ movements }: HolderSet, type: string | null): string | null {
  return type ?? mostFrequent(movements.map((one) => one.type));
}

function unitsOf(precisions: CorporateAction['precisions']): (movement: SetMovement | undefined) => Exact {
  const units = new Map(Object.entries(precisions).map(([group, unit]) => [group, new Exact(unit)]));
  const usual = units.get(ANY_GROUP) ?? new Exact('0.00000001');
  return (movement) => units.get(movement?.assetGroup ?? ANY_GROUP) ?? usual;
}

/** The votes on every new instrument that any holder received. */
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
    consensusByInstrument: new Map([...evidence].map(([instrument, given]) => [instrument, count(given)])),
    units,
  };
}

function receives({ movements }: HolderSet): boolean {
  return movements.some((one) => !isFiat(one) && !isNegative(one));
}

function gives({ movements }: HolderSet): boolean {
  return movements.some((one) => !isFiat(one) && isNegative(one));
}

function survey({ holders, precisions, aliased }: CorporateAction): ActionContext {
  const old = oldInstrumentOf(holders);
  const type = typeOfAll(holders);
  const unresolved = unresolvedHolders(holders, aliased ?? new Set());
  const unit = unitsOf(precisions);
  const rules = holders.map((holder) => [holder, exchangeRule(typeOfSet(holder, type))] as const);
  const exchanges = new Map(
    rules.flatMap(([{ userId, movements }, rule]) =>
      rule === undefined || old === null || unresolved.has(userId)
        ? []
        : [[userId, exchangeOf(movements, old, rule.keepsOld)] as const],
    ),
  );
  const { consensusByInstrument, units } = takeConsensus(holders, exchanges, unit, type);
  const news = { consensusByInstrument, unitOf: (instrument: string) => units.get(instrument) ?? unit(undefined) };
  const receivers = holders.filter(receives).length;
  const givers = holders.filter(gives).length;
  return { old, type, unresolved, exchanges, news, receivers, givers };
}

function othersOf({ receivers, givers }: ActionContext, holder: HolderSet): OtherHolders {
  return { received: receivers > Number(receives(holder)), gaveAway: givers > Number(gives(holder)) };
}

/** Assessment of a set by the rules of its type; null for an unknown type, or while the old share is unknown. */
function byType(whole: ActionContext, holder: HolderSet): Assessment | null {
  const type = typeOfSet(holder, whole.type);
  switch (type) {
    case 'spin_off':
    case 'merger_stock': {
      const exchange = whole.exchanges.get(holder.userId);
      return exchange === undefined ? null : judgeExchange(exchange, holder.before, whole.news);
    }
    case 'merger_cash':
    case 'delisting':
      return judgePayout(holder, whole.old);
    case 'dividend':
      return judgeDividend(holder, whole.old);
    case 'stock_split':
    case 'reverse_stock_split':
      return judgeSplit(holder, whole.old, type === 'reverse_stock_split', othersOf(whole, holder));
    default:
      return null;
  }
}

/** Judgement of a set by itself, and, where its shares are known for sure, by the rules of its type. */
function judgeHolder(whole: ActionContext, holder: HolderSet): Judgement | null {
  const { userId, movements, before } = holder;
  if (movements.length === 0) {
    const said = whole.old === null ? null : judgeNothing(whole.old, before, whole.news);
    return said === null ? null : { userId, ...said };
  }
  const own = ownBreaks(movements, whole.old, typeOfSet(holder, whole.type));
  const said = (whole.unresolved.has(userId) ? null : byType(whole, holder)) ?? judgeUnknown(movements, whole.old);
  const breaks = [...own, ...said.breaks];
  return { userId, verdict: breaks.length > 0 ? 'break' : said.verdict, breaks, expectedNew: said.expectedNew };
}

function shownRatio([instrument, { ratio, evidence, agreeing }]: [string, RatioConsensus]): InstrumentRatio {
  const interval = ratio === null ? null : { low: shown(ratio.low, 'down'), high: shown(ratio.high, 'up') };
  return { instrument, ratio: interval, completeSets: evidence.length, agreeingSets: agreeing };
}

/**
 * Judges every holder's set of one corporate action from what the ledger holds, in whatever order it came. What cannot
 * be proved is `unverified`: two bookings look exactly like three of which one was lost.
 */
export function judgeCorporateAction(action: CorporateAction): JudgedCorporateAction {
  const whole = survey(action);
  const consensusByInstrument = [...whole.news.consensusByInstrument].sort(([a], [b]) => (a < b ? -1 : 1));
  const ratios = consensusByInstrument.map(shownRatio);
  return {
    type: whole.type,
    oldInstrument: whole.old,
    newInstruments: ratios.map(({ instrument }) => instrument),
    ratios,
    judgements: action.holders.flatMap((holder) => judgeHolder(whole, holder) ?? []),
  };
}
