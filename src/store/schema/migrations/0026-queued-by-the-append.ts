import { type Kysely, sql } from 'kysely';

/**
 * Queue that an append fills itself, in the statement that keeps the facts: a trigger that sees all rows of a statement
 * cost it a sixth of what the rows do. Whoever inserts without saying so, a process of before or a person at the
 * database, still has the row queued by a trigger.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`DROP TRIGGER deliveries_inserted ON deliveries`.execute(database);
  await sql`DROP FUNCTION queue_inserted_deliveries()`.execute(database);
  await sql`
    CREATE TRIGGER deliveries_inserted AFTER INSERT ON deliveries FOR EACH ROW
    WHEN (NEW.status = 'pending' AND current_setting('partnerflow.queues_itself', true) IS DISTINCT FROM 'yes')
    EXECUTE FUNCTION queue_updated_delivery()`.execute(database);
}
