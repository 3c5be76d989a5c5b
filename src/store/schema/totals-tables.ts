import type { Generated, JSONColumnType } from 'kysely';

import type { Partner } from '../../domain/partner';

/**
 * Names of counts. `webhook` and `sweep` count deliveries that are done, by the day of their reception and by outcome
 * (or `duplicate`); `received` counts appends by that day, independently of the rows; `deprecated` counts arrivals of
 * replaced versions by event and by the day of the decision.
 */
export type CountName = 'webhook' | 'sweep' | 'received' | 'recovered' | 'alert' | 'deprecated';

/** Rows of `count_changes`: changes of counts, until they are folded. */
export interface CountChangesTable {
  name: CountName;
  partner: Partner;
  /** Day (UTC) of the reception; `-infinity` for what is counted without days. */
  day: Generated<string>;
  kind: Generated<string>;
  value: string;
}

/**
 * Rows of `counts`: folded counts. The live ones are those that are not final; the days that are final are summed up
 * in the day `-infinity`, and kept for the audit.
 */
export interface CountsTable extends CountChangesTable {
  final: Generated<boolean>;
}

/** Rows of `counted_days`: days whose rows were counted once more when nothing of them was left to do. */
export interface CountedDaysTable {
  day: string;
  counted_at: Generated<Date>;
}

/** Row of `uncounted_days`: days with rows from before there were counts, which are not counted yet; none where all are. */
export interface UncountedDaysTable {
  since: string;
  /** First day that is not among them. */
  until: string;
}

/** Rows of `mass_work`: work on very many things that may be stopped anywhere, and is continued by whoever asks for the same. */
export interface MassWorkTable {
  id: Generated<string>;
  kind: string;
  /** Things that it is done to, in words; a request for the same continues what is under way. */
  scope: string;
  by: string;
  started_at: Generated<Date>;
  /** Time of its last progress. */
  active_at: Generated<Date>;
  /** True once all its items are written down. */
  is_listed: Generated<boolean>;
  lease_token: string | null;
  lease_until: Date | null;
  /** Number of items that were written down. */
  items: Generated<string>;
  /** Number of items that are done. */
  done: Generated<string>;
  results: JSONColumnType<Readonly<Record<string, number>>>;
  ended_at: Date | null;
}

/** Rows of `mass_work_items`: what of a work is still to be done. */
export interface MassWorkItemsTable {
  work: string;
  item: string;
  details: JSONColumnType<object> | null;
  lease_token: string | null;
  lease_until: Date | null;
}

/** Rows of `alert_causes`: causes of alerts, until they are folded into alerts. */
export interface AlertCausesTable {
  partner: Partner;
  finding: string;
  window_start: Date;
  window_end: Date;
  count: number;
  examples: string[];
  raised_at: Generated<Date>;
}

/** Tables of counts and of mass work. */
export interface TotalsTables {
  counts: CountsTable;
  count_changes: CountChangesTable;
  counted_days: CountedDaysTable;
  uncounted_days: UncountedDaysTable;
  mass_work: MassWorkTable;
  mass_work_items: MassWorkItemsTable;
  alert_causes: AlertCausesTable;
}
