import { type Kysely, type RawBuilder, sql } from 'kysely';

import { canonicalId, isUuid } from '../../domain/canonical-id';
import type { Partner } from '../../domain/partner';
import type { ObligationState } from '../../domain/obligation';
import { recordAction } from '../audit';
import { noteNews, ONLY_LOOK } from '../corporate-actions/news';
import { RISE } from '../corporate-actions/touch';
import { type Page, pageOf, type PageRequest, positionOf } from '../pagination';
import type { Tables } from '../schema/tables';

/** Money in our corporate wallet that is to be passed on to a user. */
export interface ObligationItem {
  readonly id: string;
  readonly partner: Partner;
  readonly userId: string;
  readonly caId: string | null;
  readonly transactionId: string;
  readonly instrument: string;
  /** Decimal: the booked amount less what was taken back. */
  readonly amount: string;
  readonly state: ObligationState;
  /** ISO 8601 UTC, as every time here. */
  readonly since: string;
  readonly dueAt: string;
  readonly paidAt: string | null;
  /** Name of the operator who recorded the payment. */
  readonly paidBy: string | null;
  /** Reference of the payment in our own books. */
  readonly reference: string | null;
}

/** Filter of obligations; an absent field admits all. */
export interface ObligationFilter {
  readonly partner?: Partner | undefined;
  readonly user?: string | undefined;
  readonly state?: ObligationState | undefined;
  /** True: only obligations past their due time that are not passed on. */
  readonly overdue?: boolean | undefined;
}

/** Page of obligations, the newest first. */
export async function listObligations(
  database: Kysely<Tables>,
  { partner, user, state, overdue = false }: ObligationFilter,
  page: PageRequest,
): Promise<Page<ObligationItem>> {
  const before = page.after === null ? null : positionOf(page.after);
  const userId = user === undefined ? null : canonicalId(user);
  const wanted = sql`(${partner ?? null}::text IS NULL OR partner = ${partner ?? null})
    AND (${userId}::text IS NULL OR "userId" = ${userId}) AND (${state ?? null}::text IS NULL OR state = ${state ?? null})
    AND (NOT ${overdue}::boolean OR ("paidAt" IS NULL AND state <> 'cancelled' AND "dueAt" < now()))
    AND (${before}::bigint IS NULL OR position < ${before}::bigint)`;
  return pageOf(await select(database, wanted, page.limit + 1), page.limit, itemOf);
}

interface Row extends Omit<ObligationItem, 'since' | 'dueAt' | 'paidAt'> {
  readonly position: string;
  readonly since: Date;
  readonly dueAt: Date;
  readonly paidAt: Date | null;
}

/** Obligations whose movement nobody has reversed as a whole, the newest first. Money taken back is none of its own. */
async function select(database: Kysely<Tables>, wanted: RawBuilder<unknown>, limit: number): Promise<readonly Row[]> {
  const { rows } = await sql<Row>`
    SELECT * FROM (
      SELECT o.position, o.id, m.partner, m.user_id AS "userId", m.corporate_action_id AS "caId",
        m.transaction_id AS "transactionId", coalesce(a.uuid_instrument, m.instrument) AS instrument,
        trim_scale(m.amount + coalesce(r.amount, 0) - o.lessened)::text AS amount,
        CASE WHEN o.paid_at IS NOT NULL THEN 'paid'
             WHEN o.lessened = m.amount THEN 'cancelled'
             WHEN s.verdict = 'break' AND s.resolution IS NULL
               AND (s.held_events IS NULL OR m.transaction_id = ANY (s.held_events)) THEN 'held' ELSE 'open' END AS state,
        o.since, o.due_at AS "dueAt", o.paid_at AS "paidAt", o.paid_by AS "paidBy", o.paid_reference AS reference
      FROM obligations o JOIN movements m ON m.position = o.movement
        LEFT JOIN movements r ON r.reverses = m.position
        LEFT JOIN aliases a ON a.partner = m.partner AND a.integer_instrument = m.instrument
        LEFT JOIN transaction_sets s ON s.partner = m.partner AND s.corporate_action_id = m.corporate_action_id
          AND s.user_id = m.user_id
      WHERE m.amount + coalesce(r.amount, 0) > 0
    ) AS owed WHERE ${wanted} ORDER BY position DESC LIMIT ${limit}`.execute(database);
  return rows;
}

function itemOf({ position, since, dueAt, paidAt, ...row }: Row): ObligationItem {
  return {
    ...row,
    since: since.toISOString(),
    dueAt: dueAt.toISOString(),
    paidAt: paidAt?.toISOString() ?? null,
  };
}

/**
 * Record that an obligation was passed on: by whom, and under which reference. The first record counts, another
 * changes nothing, and nothing is recorded of one that was taken back. Its set's flow waits for it, so the set's version rises with it. Null for an unknown id, which is
 * also that of an obligation whose movement was reversed.
 */
export async function payObligation(
  database: Kysely<Tables>,
  requestedId: string,
  { by, reference }: { readonly by: string; readonly reference: string },
): Promise<ObligationItem | null> {
  if (!isUuid(requestedId)) return null;
  const id = requestedId.toLowerCase();
  return database.transaction().execute(async (transaction) => {
    const known = await loadObligation(transaction, id);
    if (known === null || known.state === 'paid' || known.state === 'cancelled') return known;
    await sql`
      WITH paid AS (
        UPDATE obligations o SET paid_at = now(), paid_by = ${by}, paid_reference = ${reference},
          paid_amount = m.amount - o.lessened
        FROM movements m
        WHERE o.id = ${id}::uuid AND m.position = o.movement AND o.paid_at IS NULL AND m.amount > o.lessened
        RETURNING o.movement
      )
      UPDATE transaction_sets AS sets SET ${RISE} FROM paid JOIN movements m ON m.position = paid.movement
      WHERE sets.partner = m.partner AND sets.corporate_action_id = m.corporate_action_id
        AND sets.user_id = m.user_id`.execute(transaction);
    if (known.caId !== null)
      await noteNews(transaction, [{ partner: known.partner, id: known.caId }], { ...ONLY_LOOK, isUrgent: true });
    await recordAction(transaction, { by, action: 'paid', target: id, reason: null, details: { reference } });
    return loadObligation(transaction, id);
  });
}

/** Obligations by their ids, the newest first. */
export async function obligationsById(
  database: Kysely<Tables>,
  ids: readonly string[],
): Promise<readonly ObligationItem[]> {
  if (ids.length === 0) return [];
  return (await select(database, sql`id = ANY (${[...ids]}::uuid[])`, ids.length)).map(itemOf);
}

async function loadObligation(database: Kysely<Tables>, id: string): Promise<ObligationItem | null> {
  const [row] = await select(database, sql`id = ${id}::uuid`, 1);
  return row === undefined ? null : itemOf(row);
}
