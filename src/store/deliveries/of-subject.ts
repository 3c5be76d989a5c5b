import type { Kysely } from 'kysely';

import type { Tables } from '../schema/tables';

/** Delivery of a subject in short. Times are ISO 8601 UTC. */
export interface SubjectDelivery {
  readonly id: string;
  readonly position: string;
  readonly route: string;
  readonly source: 'webhook' | 'sweep';
  readonly event: string | null;
  readonly verdict: string;
  readonly status: string;
  readonly outcome: string | null;
  readonly receivedAt: string;
  readonly decidedAt: string | null;
  readonly outcomeAt: string | null;
}

/** Newest deliveries of a subject, repetitions and parked ones too, in the order of arrival. */
export async function deliveriesOfSubject(
  database: Kysely<Tables>,
  workflowId: string,
  limit: number,
): Promise<readonly SubjectDelivery[]> {
  const rows = await database
    .selectFrom('deliveries')
    .select(['id', 'position', 'route', 'source', 'event', 'verdict', 'status', 'outcome'])
    .select(['received_at', 'settled_at', 'outcome_at'])
    .where('workflow_id', '=', workflowId)
    .orderBy('position', 'desc')
    .limit(limit)
    .execute();
  return rows.reverse().map(({ received_at, settled_at, outcome_at, ...row }) => ({
    ...row,
    receivedAt: received_at.toISOString(),
    decidedAt: settled_at?.toISOString() ?? null,
    outcomeAt: outcome_at?.toISOString() ?? null,
  }));
}
