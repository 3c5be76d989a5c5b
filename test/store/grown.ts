import { Client } from 'pg';

/** Tables that grow with what was ever received. */
export const GROWN_TABLES = [
  'deliveries',
  'delivery_bodies',
  'delivery_queue',
  'event_keys',
  'subjects',
  'movements',
  'transaction_sets',
  'operator_actions',
  'messages',
  'outbox',
] as const;

/** A database as it is after long use: so many decided deliveries, their bodies, keys and subjects, and some that wait. */
export async function grow(url: string, rows: number): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await fill(client, rows);
  } finally {
    await client.end();
  }
}

async function fill(client: Client, rows: number): Promise<void> {
  // A trigger for each row that was decided on long ago would take minutes.
  await client.query(`SET session_replication_role = replica`);
  await client.query(
    `WITH kept AS (
       INSERT INTO deliveries (id, partner, route, received_at, source, headers, body_sha256, body_bytes, verdict, status,
                               outcome, event, workflow_id, run_id, outcome_at, settled_at)
       SELECT gen_random_uuid(), (ARRAY['coinify', 'tradevest', 'bitpanda'])[1 + n % 3], 'test',
              now() - n * interval '1 minute', CASE n % 50 WHEN 0 THEN 'sweep' ELSE 'webhook' END, '[]',
              sha256(n::text::bytea), 100, 'authentic',
              CASE n % 100 WHEN 1 THEN 'parked' WHEN 2 THEN 'duplicate' ELSE 'delivered' END,
              CASE WHEN n % 100 > 2 THEN 'applied' END, 'TEST', 'grown:order:' || n / 3, 'a-run', now(), now()
       FROM generate_series(1, $1::int) n RETURNING partner, received_at, id)
     INSERT INTO delivery_bodies (partner, received_at, id, body) SELECT partner, received_at, id, '{}' FROM kept`,
    [rows],
  );
  await client.query('RESET session_replication_role');
  await client.query(
    `INSERT INTO deliveries (id, partner, route, received_at, source, headers, body_sha256, body_bytes, verdict)
     SELECT gen_random_uuid(), 'coinify', 'test', now(), 'webhook', '[]', sha256(n::text::bytea), 100, 'authentic'
     FROM generate_series(1, $1::int / 4) n`,
    [rows],
  );
  await client.query(
    `INSERT INTO event_keys (partner, event_key, meaning, delivery_id)
     SELECT (ARRAY['coinify', 'tradevest', 'bitpanda'])[1 + n % 3], 'key-' || n, 'meaning', gen_random_uuid()
     FROM generate_series(1, $1::int) n`,
    [rows],
  );
  await client.query(
    `INSERT INTO subjects (workflow_id, lifecycle, partner, object, object_id, state, since, open, closed_for_good, version, as_of)
     SELECT 'grown:order:' || n, 'order', 'tradevest', 'order', n::text, 'SETTLED', now() - n * interval '1 minute', false, true, 1, now()
     FROM generate_series(1, $1::int) n`,
    [rows],
  );
  await client.query(
    `INSERT INTO movements (partner, transaction_id, leg, workflow_id, user_id, instrument, amount, credited_at, type)
     SELECT 'bitpanda', 'transaction-' || n, 'asset', 'bitpanda:transaction:' || n, 'user-' || n / 10, 'asset:1', 1, now(), 'buy'
     FROM generate_series(1, $1::int) n`,
    [rows],
  );
  await client.query(
    `WITH actions AS (
       INSERT INTO corporate_actions (partner, id, type, ratios)
       SELECT 'bitpanda', 'grown-' || n, 'spin_off', '[]' FROM generate_series(0, 999) n)
     INSERT INTO transaction_sets (partner, corporate_action_id, user_id, breaks, expected_new, followed_by, verdict,
                                   judged_version, counted_version, counted_ground)
     SELECT 'bitpanda', 'grown-' || n % 1000, 'user-' || n / 1000, '[]', '{}', 'action', 'complete', 0, 0, 0
     FROM generate_series(1, $1::int) n`,
    [rows],
  );
  await client.query(
    `INSERT INTO operator_actions (by, action, target) SELECT 'somebody', 'retry', 'target-' || n
     FROM generate_series(1, $1::int) n`,
    [rows],
  );
  await client.query(
    `INSERT INTO messages (sequence, id, type, subject, at, data)
     SELECT n, 'grown-' || n, (ARRAY['order.placed', 'order.filled', 'document.approved'])[1 + n % 3],
       'grown:order:' || n / 3, now(), '{}' FROM generate_series(1, $1::int) n`,
    [rows],
  );
  await client.query(`UPDATE message_numbers SET last = $1`, [rows]);
  await client.query(
    `INSERT INTO outbox (id, target, subject, type, body, state, ended_at)
     SELECT 'grown-' || n, 'messages', 'grown:order:' || n, 'order.settled', '{}', 'sent', now()
     FROM generate_series(1, $1::int) n`,
    [rows],
  );
  await client.query('ANALYZE');
}
