import { type RawBuilder, sql, type Transaction } from 'kysely';

import type { Partner } from '../../domain/partner';
import type { Tables } from '../schema/tables';

interface Action {
  readonly partner: Partner;
  readonly id: string;
}

/**
 * Moment up to which holdings before a corporate action are counted, as an expression of SQL; null while it has no
 * movement. It is the earliest time of credit, but of a holder beside whom others began: at least two holders, and at
 * least a tenth of all, within a day from it. Where they are all further apart nobody knows who is wrong, and the
 * earliest of all counts.
 */
export function startOf(action: Action): RawBuilder<Date | null> {
  return sql<Date | null>`(
    SELECT coalesce(min(first) FILTER (WHERE together > 1 AND together * 10 >= holders), min(first)) FROM (
      SELECT first, count(*) OVER () AS holders,
        count(*) OVER (ORDER BY first RANGE BETWEEN CURRENT ROW AND INTERVAL '24 hours' FOLLOWING) AS together
      FROM (${firstCredits(action)}) AS beginnings
    ) AS counted)`;
}

/** Start of a corporate action as all that is booked gives it, ISO 8601 UTC to the microsecond; null without a movement. */
export async function loadStart(transaction: Transaction<Tables>, action: Action): Promise<string | null> {
  const { rows } = await sql<{ start: string | null }>`
    SELECT ${momentText(startOf(action))} AS start`.execute(transaction);
  return rows[0]?.start ?? null;
}

/**
 * Start in the words by which a conclusion is told from another: to the millisecond, where that is all of it, as earlier
 * releases wrote them. Otherwise two of them beside each other would judge every set anew in turns.
 */
export function wordsOfStart(startedAt: string | null): string {
  return startedAt?.replace(/000Z$/, 'Z') ?? '';
}

/** Time at which the first movement was credited; it never moves later, since no movement is ever removed. */
export async function firstCreditOf(
  transaction: Transaction<Tables>,
  { partner, id }: Action,
  userIds: readonly string[],
  known: Date | null,
): Promise<Date | null> {
  const { rows } = await sql<{ first: Date | null }>`
    SELECT least(min(credited_at), ${known}::timestamptz) AS first FROM movements
    WHERE partner = ${partner} AND corporate_action_id = ${id} AND amount <> 0
      AND user_id = ANY (${[...userIds]}::text[])`.execute(transaction);
  return rows[0]?.first ?? known;
}

/** Query for the time at which each holder's first movement was credited, as `first`; one that was taken back moves nothing. */
export function firstCredits({ partner, id }: Action, among: RawBuilder<boolean> = ANYBODY) {
  return sql`
    SELECT m.user_id, min(m.credited_at) AS first FROM movements m
    WHERE m.partner = ${partner} AND m.corporate_action_id = ${id} AND m.amount <> 0 AND m.reverses IS NULL
      AND NOT EXISTS (SELECT FROM movements r WHERE r.reverses = m.position) AND ${among}
    GROUP BY m.user_id`;
}

/** Text of a moment, ISO 8601 UTC, to the microsecond: a movement of the very moment counts. */
export function momentText(moment: RawBuilder<unknown>): RawBuilder<string | null> {
  return sql<string | null>`to_char(${moment} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
}

const ANYBODY = sql<boolean>`true`;
