import { type QueryExecutorProvider, sql } from 'kysely';

/**
 * End of what release 0.2.0 needs: its columns and the trigger for its leases. Quick, whatever was kept. Its processes can
 * then neither keep nor dispatch: their statements fail, and a partner sends again what was not taken.
 */
export async function dropColumnsBefore(transaction: QueryExecutorProvider): Promise<void> {
  await sql`DROP TRIGGER deliveries_leased ON deliveries`.execute(transaction);
  await sql`DROP FUNCTION lease_in_queue()`.execute(transaction);
  await sql`
    CREATE OR REPLACE VIEW kept_deliveries AS
    SELECT d.position, d.id, d.partner, d.route, d.received_at, d.source, d.headers, b.body, b.body_key, d.body_sha256,
           d.body_bytes, d.verdict, d.credential_fingerprint, d.traceparent, d.status, d.outcome,
           coalesce(q.event, d.event) AS event, coalesce(q.workflow_id, d.workflow_id) AS workflow_id, d.run_id,
           coalesce(q.problem, d.problem) AS problem, coalesce(q.attempts, d.attempts) AS attempts,
           coalesce(q.refusals, d.refusals) AS refusals, d.outcome_at, d.settled_at
    FROM deliveries d
    LEFT JOIN delivery_queue q ON q.position = d.position
    LEFT JOIN delivery_bodies b ON b.partner = d.partner AND b.received_at = d.received_at AND b.id = d.id`.execute(
    transaction,
  );
  await sql`DROP INDEX deliveries_removable_bodies`.execute(transaction);
  await sql`
    ALTER TABLE deliveries DROP COLUMN body, DROP COLUMN next_attempt_at, DROP COLUMN lease_token, DROP COLUMN lease_until,
      DROP COLUMN IF EXISTS failing_since, DROP COLUMN IF EXISTS stuck_since`.execute(transaction);
}
