import { type RawBuilder, sql, type Transaction } from 'kysely';

import type { ObligationView } from '../../domain/messages/ledger-messages';
import type { Tables } from '../schema/tables';

/** Obligation with the subject of its movement. */
export interface OwedRow extends ObligationView {
  readonly workflowId: string;
}

/** Obligations by their ids; one whose movement an operator took back is cancelled. */
export async function loadObligations(
  transaction: Transaction<Tables>,
  ids: readonly string[],
): Promise<readonly OwedRow[]> {
  return ids.length === 0 ? [] : select(transaction, sql`o.id = ANY (${[...ids]}::uuid[])`);
}

/** Set by its partner, corporate action and user. */
export interface SetName {
  readonly partner: string;
  readonly caId: string;
  readonly userId: string;
}

/** Obligations of sets. */
export async function loadObligationsOfSets(
  transaction: Transaction<Tables>,
  sets: readonly SetName[],
): Promise<readonly OwedRow[]> {
  if (sets.length === 0) return [];
  const [partners, caIds] = [sets.map(({ partner }) => partner), sets.map(({ caId }) => caId)];
  return select(
    transaction,
    sql`(m.partner, m.corporate_action_id, m.user_id) IN (SELECT * FROM unnest(${partners}::text[], ${caIds}::text[],
      ${sets.map(({ userId }) => userId)}::text[]))`,
  );
}

type Row = Omit<OwedRow, 'since' | 'dueAt' | 'paidAt'> & {
  readonly since: Date;
  readonly dueAt: Date;
  readonly paidAt: Date | null;
};

async function select(transaction: Transaction<Tables>, wanted: RawBuilder<unknown>): Promise<readonly OwedRow[]> {
  const { rows } = await sql<Row>`
    SELECT o.id AS "obligationId", m.workflow_id AS "workflowId", m.user_id AS "userId", m.corporate_action_id AS "caId",
      m.transaction_id AS "transactionId", m.leg, m.instrument,
      trim_scale(m.amount + coalesce(r.amount, 0) - o.lessened)::text AS amount,
      CASE WHEN o.paid_at IS NOT NULL THEN 'paid'
           WHEN m.amount + coalesce(r.amount, 0) <= o.lessened THEN 'cancelled' ELSE 'open' END AS state,
      o.since, o.due_at AS "dueAt", o.paid_at AS "paidAt"
    FROM obligations o JOIN movements m ON m.position = o.movement LEFT JOIN movements r ON r.reverses = m.position
    WHERE ${wanted} ORDER BY o.position`.execute(transaction);
  return rows.map(({ since, dueAt, paidAt, ...row }) => ({
    ...row,
    ...{ since: since.toISOString(), dueAt: dueAt.toISOString(), paidAt: paidAt?.toISOString() ?? null },
  }));
}
