import type { ColumnType, Generated, GeneratedAlways, JSONColumnType } from 'kysely';

import type { BookedKind } from '../../domain/booking';
import type {
  Bounds,
  Break,
  InstrumentRatio,
  Unknown,
  Verdict,
} from '../../domain/lifecycles/corporate-actions/corporate-action';
import type { StoredCounts, StoredSetCount } from '../../domain/lifecycles/corporate-actions/counts';
import type { Resolution } from '../../domain/lifecycles/corporate-actions/set-news';
import type { Partner } from '../../domain/partner';
import type { FlowAction } from '../../domain/subject-write';

/**
 * Rows of `movements`: one leg of a booking each, signed, exact, added once. A later version of the event may fill in
 * fee and value; nothing else ever changes.
 */
export interface MovementsTable {
  readonly position: GeneratedAlways<string>;
  partner: Partner;
  /** Partner's id of the event. */
  transaction_id: string;
  /** `asset` or `fiat`; the leg's own id inside a crypto action; with `:reversal` after it where it takes one back. */
  leg: string;
  workflow_id: string;
  user_id: string;
  /** As the partner wrote it, `asset:<id>` or `fiat:<id>`. */
  instrument: string;
  amount: string;
  credited_at: ColumnType<Date, string, never>;
  type: string;
  direction: string | null;
  asset_group: string | null;
  corporate_action_id: string | null;
  /** True for money in our corporate wallet that is to be passed on: no position of the user. */
  is_obligation: Generated<boolean>;
  fee: string | null;
  /** Worth of an asset leg according to the partner; it books nothing. */
  value_instrument: string | null;
  value_amount: string | null;
  delivery_id: string | null;
  recovered: Generated<boolean>;
  reverses: string | null;
  reason: string | null;
  /** Name of the token, or of the user at the command line, that reversed the movement in `reverses`. */
  reversed_by: string | null;
  booked_at: Generated<Date>;
}

/** Rows of `contradictions`: deliveries that contradicted a booked movement under its own id. */
export interface ContradictionsTable {
  delivery_id: string;
  partner: Partner;
  transaction_id: string;
  leg: string;
  /** Amount that it claimed, or the word for what else differed. */
  found: string;
  at: Generated<Date>;
}

/**
 * Rows of `alias_evidence`: deliveries that showed one instrument under both kinds of ids. The view `aliases` holds
 * what nothing contradicts.
 */
export interface AliasEvidenceTable {
  partner: Partner;
  integer_instrument: string;
  uuid_instrument: string;
  delivery_id: string;
}

/** Rows of `openings`: imported holdings of a user at a moment; 0 is a known zero. */
export interface OpeningsTable {
  partner: Partner;
  user_id: string;
  instrument: string;
  amount: string;
  as_of: ColumnType<Date, Date | string, never>;
  imported_at: Generated<Date>;
}

/** Rows of `own_trades`: what our own backend bought or sold for a user at a partner, told once for each reference. */
export interface OwnTradesTable {
  /** Id of the trade in our own books. */
  reference: string;
  partner: Partner;
  user_id: string;
  instrument: string;
  /** Signed: what is bought is positive. */
  amount: string;
  traded_at: ColumnType<Date, Date | string, never>;
  told_by: string;
  told_at: Generated<Date>;
}

/** Rows of `holdings_complete`: our word that all openings and trades at a partner are told up to a moment. */
export interface HoldingsCompleteTable {
  partner: Partner;
  through: Date;
  told_by: string;
  told_at: Generated<Date>;
}

/** Rows of `kinds_given`: what an operator says that an event moves which does not say so itself. */
export interface KindsGivenTable {
  partner: Partner;
  transaction_id: string;
  kind: BookedKind;
  given_by: string;
  given_at: Generated<Date>;
}

/**
 * Rows of `obligations`: money that reached our corporate wallet and is to be passed on to a user. The amount is that
 * of the movement.
 */
export interface ObligationsTable {
  readonly position: GeneratedAlways<string>;
  id: Generated<string>;
  movement: string;
  since: Date;
  due_at: Date;
  paid_at: Date | null;
  paid_by: string | null;
  paid_reference: string | null;
  /** Part of the amount that was taken back. */
  lessened: Generated<string>;
  /** Amount that was passed on; null while it is open, and where 0.2.0 recorded the payment. */
  paid_amount: string | null;
}

/** Rows of `corporate_actions`: conclusions from the sets of all holders, as last judged. */
export interface CorporateActionsTable {
  partner: Partner;
  id: string;
  type: string;
  old_instrument: string | null;
  new_instruments: Generated<string[]>;
  ratios: JSONColumnType<readonly InstrumentRatio[]>;
  /** Facts and votes of all sets as they were last counted; null before the first time. */
  counts: JSONColumnType<StoredCounts> | null;
  /** Number that rises when what all sets are judged on changes: then each is counted anew. */
  ground: Generated<number>;
  /** Ground up to which every set was counted. */
  complete_ground: Generated<number>;
  /** Number that rises when anything changes by which sets are judged: then each is judged anew. */
  conclusion: Generated<number>;
  /** All that the present conclusion was drawn from, in words; null before the first. */
  concluded_from: string | null;
  /** Conclusion by which holders of whom nothing came were last looked for. */
  missing_concluded: Generated<number>;
  /** Time at which the first of its movements was credited; null while there is none. */
  first_credited_at: Date | null;
  /** Moment up to which holdings before are counted, which one holder alone does not move; null where none was found yet. */
  started_at: Date | null;
  /** Result of asking the partner for lost movements the last time, and when that was asked for. */
  asked: 'reached' | 'unreachable' | null;
  asked_at: Date | null;
}

/** Rows of `action_news`: corporate actions whose flow has something to look at, and its wake-up. */
export interface ActionNewsTable {
  partner: Partner;
  id: string;
  /** Id of the flow that follows it. */
  workflow_id: string;
  /** True from a change on until its flow begins to look. */
  has_news: Generated<boolean>;
  /** True where every set is to be judged anew. */
  rejudge: Generated<boolean>;
  /** True where every set is to be counted anew as well. */
  recount: Generated<boolean>;
  /** True where sets that holders' flows follow are to be judged anew. */
  rejudge_holders: Generated<boolean>;
  /** Time since which a wake-up is outstanding; null where there is none. */
  woken_at: Date | null;
  /** Lease of the process that is about to wake its flow. */
  notify_token: string | null;
  notify_after: Date | null;
  notify_failures: Generated<number>;
}

/** Result of a stored act; `refused` by the database for what its set holds. */
export type StoredActResult = 'done' | 'ended' | 'refused';

/** Rows of `set_acts`: what an operator asks of many sets at once, and what became of it. */
export interface SetActsTable {
  request: string;
  partner: Partner;
  corporate_action_id: string;
  user_id: string;
  act: JSONColumnType<FlowAction>;
  /** Null until it was done or refused. */
  result: StoredActResult | null;
  asked_at: Generated<Date>;
}

/** Rows of `activations`: parts that begin only once no process of an earlier release runs. */
export interface ActivationsTable {
  name: Activation;
  at: Generated<Date>;
}

/** Name of a part that is activated. */
export type Activation = 'corporate-actions';

/** Rows of `transaction_sets`: all movements of one corporate action for one user, as last judged. */
export interface TransactionSetsTable {
  partner: Partner;
  corporate_action_id: string;
  user_id: string;
  /** Verdict on the set; null until its quiet period has ended. */
  verdict: Verdict | null;
  breaks: JSONColumnType<readonly Break[]>;
  /** Things that are not known of an unverified set. */
  unverified: ColumnType<readonly Unknown[], string | undefined, string>;
  /** Events whose money is held while the set is a break; null where 0.2.0 gave the verdict, and all of it is. */
  held_events: string[] | null;
  before: string | null;
  expected_new: JSONColumnType<Readonly<Record<string, Bounds>>>;
  /** Position of the last movement that was judged. */
  judged_through: Generated<string>;
  judged_at: Date | null;
  /**
   * True where the partner could not be asked for lost movements when the set was judged: nothing is called a break
   * until it can.
   */
  unreachable: Generated<boolean>;
  resolution: JSONColumnType<Resolution> | null;
  /** Number that rises with every change its flow has to be notified of. */
  version: Generated<number>;
  /** Version that its flow was last notified of. */
  told_version: Generated<number>;
  /** Lease of the notifier that is about to notify its flow; null where there is none. */
  notify_token: string | null;
  /** End of that lease, or of the wait after a failure; null where it may be notified at once. */
  notify_after: Date | null;
  /** Number of failed notifications in a row. */
  notify_failures: Generated<number>;
  /** Flow that writes its verdict: its holder's, which a process of 0.2.0 began, or that of the corporate action. */
  followed_by: Generated<'holder' | 'action'>;
  /** Version that was last judged by the flow of the corporate action. */
  judged_version: Generated<number>;
  /** Conclusion of the corporate action by which it was last judged. */
  concluded: Generated<number>;
  /** Time from which the flow of the corporate action looks at it by itself; null: not before something happens. */
  look_at: Date | null;
  /** Time at or after which the partner must have been asked before a verdict that is not good. */
  ask_after: Date | null;
  /** Facts and claims as they are counted; null: not counted. */
  counted: JSONColumnType<StoredSetCount> | null;
  /** Version and ground of what is counted. */
  counted_version: Generated<number>;
  counted_ground: Generated<number>;
  /** True once it was judged by a release that needs our word for the holding before. */
  needs_word: Generated<boolean>;
}

/** Rows of `movements_awaited`: parked deliveries that wait for a richer version of the same event. */
export interface MovementsAwaitedTable {
  partner: Partner;
  transaction_id: string;
  delivery_id: string;
}

/** Tables of the ledger and of what is judged from it. */
export interface LedgerTables {
  movements: MovementsTable;
  contradictions: ContradictionsTable;
  alias_evidence: AliasEvidenceTable;
  aliases: Omit<AliasEvidenceTable, 'delivery_id'>;
  openings: OpeningsTable;
  own_trades: OwnTradesTable;
  holdings_complete: HoldingsCompleteTable;
  kinds_given: KindsGivenTable;
  obligations: ObligationsTable;
  corporate_actions: CorporateActionsTable;
  transaction_sets: TransactionSetsTable;
  movements_awaited: MovementsAwaitedTable;
  action_news: ActionNewsTable;
  set_acts: SetActsTable;
  activations: ActivationsTable;
}
