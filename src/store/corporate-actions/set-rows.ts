import { type RawBuilder, sql, type Transaction } from 'kysely';

import type { Bounds, Break, Unknown, Verdict } from '../../domain/lifecycles/corporate-actions/corporate-action';
import type { Resolution } from '../../domain/lifecycles/corporate-actions/set-news';
import type { Tables } from '../schema/tables';
import { STANDS } from './holdings-before';
import type { CorporateActionKey } from './load';

/** Sets that are worked on in one transaction: it holds their rows, and a booking of one of them waits for its end. */
export const PAGE_SETS = 500;

/** Row of a set that the flow of its corporate action follows, while it is judged. */
export interface SetRow {
  readonly userId: string;
  readonly verdict: Verdict | null;
  readonly breaks: readonly Break[];
  readonly unverified: readonly Unknown[];
  readonly heldEvents: readonly string[] | null;
  readonly before: string | null;
  readonly expectedNew: Readonly<Record<string, Bounds>>;
  readonly judgedThrough: string;
  readonly resolution: Resolution | null;
  readonly version: number;
  /** Time from which it is to be looked at, as PostgreSQL writes it; null: not before something happens. */
  readonly lookAt: string | null;
  readonly askAfter: Date | null;
}

/** Place within the sets of one phase, behind which the next page begins. */
export interface Place {
  /** As PostgreSQL writes it. */
  readonly at: string;
  readonly userId: string;
}

/** Place before the first set. */
export const FIRST_PLACE: Place = { at: '-infinity', userId: '' };

/**
 * The phases of a round: `changed` are sets that were judged by an earlier conclusion, `due` those whose time has come.
 * Those for which the first finds that the partner has to be asked are due in the second.
 */
export const PHASES = ['changed', 'due'] as const;
/** A phase of a round. */
export type Phase = (typeof PHASES)[number];

/** Condition for sets that could not be counted as they are; one that changes, or whose time comes, is tried again. */
export const CANNOT_BE_COUNTED = sql<boolean>`(counted IS NULL AND counted_version = version)`;

/**
 * Page of sets to judge. Their rows stay locked: what is booked or done to one of them from now on rises its version
 * after it was judged. One that is being booked right now is left out, and so is one that could not be counted: judging
 * takes its vote away from those of all, and it has none among them.
 */
export async function selectSets(
  transaction: Transaction<Tables>,
  { partner, id }: CorporateActionKey,
  phase: Phase,
  { at, userId }: Place,
  { conclusion, limit = PAGE_SETS }: { readonly conclusion: number; readonly limit?: number },
): Promise<readonly SetRow[]> {
  const wanted =
    phase === 'due'
      ? sql`look_at <= now() AND (look_at, user_id) > (${at}::timestamptz, ${userId}) ORDER BY look_at, user_id`
      : sql`concluded < ${conclusion} AND judged_version = version AND user_id > ${userId} ORDER BY user_id`;
  const { rows } = await sql<SetRow>`
    SELECT user_id AS "userId", verdict, breaks, unverified, held_events AS "heldEvents", trim_scale(before)::text AS before, expected_new AS "expectedNew",
      judged_through::text AS "judgedThrough", resolution, version, look_at::text AS "lookAt", ask_after AS "askAfter"
    FROM transaction_sets
    WHERE partner = ${partner} AND corporate_action_id = ${id} AND followed_by = 'action' AND NOT ${CANNOT_BE_COUNTED}
      AND ${wanted}
    LIMIT ${limit} FOR UPDATE SKIP LOCKED`.execute(transaction);
  return rows;
}

/** Verdict on a set as it is written. */
export interface SetVerdict {
  readonly row: SetRow;
  readonly verdict: Verdict | null;
  readonly breaks: readonly Break[];
  readonly unverified: readonly Unknown[];
  readonly heldEvents: readonly string[];
  readonly before: string | null;
  readonly expectedNew: Readonly<Record<string, Bounds>>;
  readonly judgedThrough: string;
  /** True where the verdict or its breaks differ from before: an earlier resolution resolved something else. */
  readonly isChanged: boolean;
  /** True where the partner could not be asked for lost movements. */
  readonly unreachable: boolean;
  /** ISO 8601 UTC; null: not before something happens. */
  readonly lookAt: string | null;
  /** True where the partner has to be asked anew the next time. */
  readonly askAgain: boolean;
}

/** Write of verdicts in one statement. */
export async function writeVerdicts(
  transaction: Transaction<Tables>,
  { partner, id }: CorporateActionKey,
  conclusion: number,
  verdicts: readonly SetVerdict[],
): Promise<void> {
  if (verdicts.length === 0) return;
  await sql`
    UPDATE transaction_sets AS sets SET verdict = input.verdict, breaks = input.breaks::jsonb, before = input.before,
      expected_new = input.expected_new::jsonb, judged_through = input.judged_through, judged_at = now(),
      resolution = CASE WHEN input.is_changed THEN NULL ELSE sets.resolution END, unreachable = input.unreachable,
      unverified = input.unverified::jsonb, held_events = ARRAY(SELECT jsonb_array_elements_text(input.held::jsonb)),
      needs_word = NOT ${STANDS}, judged_version = sets.version, told_version = sets.version, concluded = ${conclusion}, look_at = input.look_at,
      ask_after = CASE WHEN input.ask_again THEN clock_timestamp() ELSE sets.ask_after END
    FROM unnest(${verdicts.map(({ row }) => row.userId)}::text[], ${verdicts.map(({ verdict }) => verdict)}::text[],
      ${verdicts.map(({ breaks }) => JSON.stringify(breaks))}::text[], ${verdicts.map(({ before }) => before)}::numeric[],
      ${verdicts.map(({ expectedNew }) => JSON.stringify(expectedNew))}::text[],
      ${verdicts.map(({ judgedThrough }) => judgedThrough)}::bigint[],
      ${verdicts.map(({ isChanged }) => isChanged)}::boolean[], ${verdicts.map(({ unreachable }) => unreachable)}::boolean[],
      ${verdicts.map(({ unverified }) => JSON.stringify(unverified))}::text[],
      ${verdicts.map(({ heldEvents }) => JSON.stringify(heldEvents))}::text[],
      ${verdicts.map(({ lookAt }) => lookAt)}::timestamptz[], ${verdicts.map(({ askAgain }) => askAgain)}::boolean[])
      AS input (user_id, verdict, breaks, before, expected_new, judged_through, is_changed, unreachable, unverified, held, look_at,
        ask_again)
    WHERE sets.partner = ${partner} AND sets.corporate_action_id = ${id} AND sets.user_id = input.user_id`.execute(
    transaction,
  );
}

/** Mark of sets that keep their verdict by a new conclusion. */
export function confirmedBy(conclusion: number): RawBuilder<unknown> {
  return sql`concluded = ${conclusion}`;
}

/** Mark of sets that are due now: a new conclusion breaks them, and the partner is asked first. */
export const DUE_NOW = sql`look_at = least(look_at, now())`;

/** Sets with a mark, an assignment that is the same for all of them. */
export async function markSets(
  transaction: Transaction<Tables>,
  { partner, id }: CorporateActionKey,
  mark: RawBuilder<unknown>,
  userIds: readonly string[],
): Promise<void> {
  if (userIds.length === 0) return;
  await sql`
    UPDATE transaction_sets SET ${mark}
    WHERE partner = ${partner} AND corporate_action_id = ${id} AND user_id = ANY (${[...userIds]}::text[])`.execute(
    transaction,
  );
}

/** Rows for holders of whom nothing came, as they are judged. */
export async function insertMissing(
  transaction: Transaction<Tables>,
  { partner, id }: CorporateActionKey,
  userIds: readonly string[],
): Promise<void> {
  if (userIds.length === 0) return;
  await sql`
    INSERT INTO transaction_sets (partner, corporate_action_id, user_id, followed_by, judged_version)
    SELECT ${partner}, ${id}, user_id, 'action', 0 FROM unnest(${[...userIds]}::text[]) AS missing (user_id)
    ORDER BY user_id COLLATE "C" ON CONFLICT DO NOTHING`.execute(transaction);
}
