import type { Pool } from 'pg';

/** Cost of writing alone: one hand-written statement that gives every set of a corporate action another verdict. */
export async function rewriteSets(pool: Pool, corporateActionId: string, userIds: readonly string[]): Promise<void> {
  const breaks = JSON.stringify([
    { kind: 'missing-leg', leg: 'new-in', instrument: 'asset:2', expected: '5', found: null },
  ]);
  await pool.query(
    `UPDATE transaction_sets AS sets SET verdict = 'break', breaks = said.breaks::jsonb, version = version + 1, judged_at = now()
     FROM unnest($1::text[], $2::text[]) AS said (user_id, breaks)
     WHERE sets.partner = 'bitpanda' AND sets.corporate_action_id = $3 AND sets.user_id = said.user_id`,
    [userIds, userIds.map(() => breaks), corporateActionId],
  );
}
