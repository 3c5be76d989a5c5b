import type { Pool } from 'pg';

/** Rows written by one statement. */
const ROWS_AT_ONCE = 200_000;

/** What was kept and decided on over the years, with one subject for every fourth delivery, long ended. */
export async function fillGrown(pool: Pool, deliveries: number, progress: (text: string) => void): Promise<void> {
  const client = await pool.connect();
  try {
    // Written by hand and counted by hand: a trigger for each row would take hours.
    await client.query(`SET session_replication_role = replica`);
    for (let from = 1; from <= deliveries; from += ROWS_AT_ONCE) {
      const to = Math.min(deliveries, from + ROWS_AT_ONCE - 1);
      for (const statement of FILL) await client.query(statement, [from, to]);
      progress(`growth: ${to} of ${deliveries} deliveries written`);
    }
    await client.query(COUNT);
    await client.query(`INSERT INTO counters (name, partner, slot, value) VALUES ('received', 'coinify', 0, $1)`, [
      deliveries,
    ]);
  } finally {
    await client.query(`SET session_replication_role = origin`);
    client.release();
  }
  await pool.query('VACUUM (ANALYZE)');
}

/** One delivery every ten seconds, the newest an hour ago. */
const AT = `now() - interval '1 hour' - ($2::bigint - n) * interval '10 seconds'`;

const FILL = [
  `WITH kept AS (
     INSERT INTO deliveries (id, partner, route, received_at, source, headers, body_sha256, body_bytes, verdict, status,
                             outcome, event, workflow_id, run_id, attempts, outcome_at, settled_at)
     SELECT gen_random_uuid(), 'coinify', 'webhooks', ${AT}, 'webhook',
            '[["Content-Type","application/json"],["User-Agent","partner/1.0"],["X-Coinify-Webhook-Signature","[redacted]"]]',
            sha256(n::text::bytea), 400, 'authentic', 'delivered', 'applied', 'trade.created',
            'coinify:trade:grown-' || n / 4, 'a-run', 1, ${AT}, ${AT}
     FROM generate_series($1::bigint, $2::bigint) n RETURNING partner, received_at, id)
   INSERT INTO delivery_bodies (partner, received_at, id, body)
   SELECT partner, received_at, id, convert_to(repeat(id::text, 11), 'UTF8') FROM kept`,
  `INSERT INTO event_keys (partner, event_key, meaning, delivery_id)
   SELECT 'coinify', gen_random_uuid()::text, sha256(n::text::bytea)::text, gen_random_uuid()
   FROM generate_series($1::bigint, $2::bigint) n`,
  `INSERT INTO subjects (workflow_id, lifecycle, partner, object, object_id, state, since, open, closed_for_good, version,
                         subject, as_of)
   SELECT 'coinify:trade:grown-' || n / 4, 'order', 'coinify', 'trade', 'grown-' || n / 4, 'completed', ${AT}, false, true, 3,
          jsonb_build_object('partner', 'coinify', 'object', 'trade', 'id', 'grown-' || n / 4, 'lifecycle', 'order',
                             'closedForGood', true, 'more', repeat('x', 600)), ${AT}
   FROM generate_series($1::bigint, $2::bigint) n WHERE n % 4 = 0`,
];

const COUNT = `
  INSERT INTO count_changes (name, partner, day, kind, value)
  SELECT name, partner, (received_at AT TIME ZONE 'UTC')::date, kind, count(*)
  FROM deliveries CROSS JOIN (VALUES ('webhook', 'applied'), ('received', '')) AS counted (name, kind)
  GROUP BY 1, 2, 3, 4`;
