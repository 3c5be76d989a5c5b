import type { ColumnType, Generated, GeneratedAlways, JSONColumnType } from 'kysely';

import type {
  Bounds,
  Break,
  InstrumentRatio,
  Verdict,
} from '../../domain/lifecycles/corporate-actions/corporate-action';
import type { Resolution } from '../../domain/lifecycles/corporate-actions/set-news';
import type { Partner } from '../../domain/partner';

/** One leg of a booking: signed, exact, once. Never changed but for a fee or value that a richer version brings. */
export interface MovementsTable {
  readonly position: GeneratedAlways<string>;
  partner: Partner;
  /** The partner's id of the event. */
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
  /** Money in our corporate wallet that is to be passed on: no position of the user. */
  is_obligation: Generated<boolean>;
  fee: string | null;
  /** What an asset leg is worth, as the partner says; books nothing. */
  value_instrument: string | null;
  value_amount: string | null;
  delivery_id: string | null;
  recovered: Generated<boolean>;
  reverses: string | null;
  reason: string | null;
  /** Who took back what it reverses: the name of a token, or of a user at the command line. */
  reversed_by: string | null;
  booked_at: Generated<Date>;
}

/** A delivery that said something else under the id of a booked movement. */
export interface ContradictionsTable {
  delivery_id: string;
  partner: Partner;
  transaction_id: string;
  leg: string;
  /** The amount it claimed, or the word for what else differed. */
  found: string;
  at: Generated<Date>;
}

/** A delivery that showed one instrument under both kinds of ids; the view `aliases` holds what nothing contradicts. */
export interface AliasEvidenceTable {
  partner: Partner;
  integer_instrument: string;
  uuid_instrument: string;
  delivery_id: string;
}

/** What a user held at a moment, said by an import; 0 is a known zero. */
export interface OpeningsTable {
  partner: Partner;
  user_id: string;
  instrument: string;
  amount: string;
  as_of: ColumnType<Date, Date | string, never>;
  imported_at: Generated<Date>;
}

/** Money that reached our corporate wallet and is to be passed on to a user; its amount is its movement's. */
export interface ObligationsTable {
  readonly position: GeneratedAlways<string>;
  id: Generated<string>;
  movement: string;
  since: Date;
  due_at: Date;
  paid_at: Date | null;
  paid_by: string | null;
  paid_reference: string | null;
}

/** What all holders' sets of one corporate action say together, as last judged. */
export interface CorporateActionsTable {
  partner: Partner;
  id: string;
  type: string;
  old_instrument: string | null;
  new_instruments: Generated<string[]>;
  ratios: JSONColumnType<readonly InstrumentRatio[]>;
}

/** All movements of one corporate action for one user, as last judged. */
export interface TransactionSetsTable {
  partner: Partner;
  corporate_action_id: string;
  user_id: string;
  /** Null until the set has settled. */
  verdict: Verdict | null;
  breaks: JSONColumnType<readonly Break[]>;
  before: string | null;
  expected_new: JSONColumnType<Readonly<Record<string, Bounds>>>;
  /** The last movement that was judged. */
  judged_through: Generated<string>;
  judged_at: Date | null;
  /** The partner could not be asked for lost movements when it was judged: nothing is called a break until it can. */
  unreachable: Generated<boolean>;
  resolution: JSONColumnType<Resolution> | null;
  /** Goes up with everything its flow has to hear of. */
  version: Generated<number>;
  /** What its flow has heard. */
  told_version: Generated<number>;
}

/** Parked deliveries that wait for a richer version of the same event. */
export interface MovementsAwaitedTable {
  partner: Partner;
  transaction_id: string;
  delivery_id: string;
}

/** The tables of the ledger and of what is judged from it. */
export interface LedgerTables {
  movements: MovementsTable;
  contradictions: ContradictionsTable;
  alias_evidence: AliasEvidenceTable;
  aliases: Omit<AliasEvidenceTable, 'delivery_id'>;
  openings: OpeningsTable;
  obligations: ObligationsTable;
  corporate_actions: CorporateActionsTable;
  transaction_sets: TransactionSetsTable;
  movements_awaited: MovementsAwaitedTable;
}
