import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { dispatchBatch } from '../../src/dispatch/batch';
import { createAppender } from '../../src/store/deliveries/append';
import { readBalance } from '../../src/store/stats/balance';
import { openStand, type Stand } from '../dispatch/stand';
import { claimAll } from '../support/dispatch';
import { eventually } from '../support/eventually';
import { partnerflow } from '../support/partnerflow';
import { testServers } from '../support/servers';
import { setUpBefore } from './release-before';

const ROWS = 20_000;
const KILLS = 3;
const CLI = join(__dirname, '..', '..', 'dist', 'src', 'cli.js');
const LIMITS = { batchRows: 64, batchBytes: 1_000_000, waitingBytes: 10_000_000, deadlineMs: 20_000 };

let stand: Stand;
beforeEach(async () => {
  stand = await openStand({}, setUpBefore);
});
afterEach(() => stand.close());

/** What release 0.2.0 has kept: decided deliveries, and some that are parked or wait. */
async function fill(): Promise<void> {
  await stand.database.pool.query(
    `INSERT INTO deliveries (id, partner, route, received_at, source, headers, body, body_sha256, body_bytes, verdict, status, outcome)
     SELECT gen_random_uuid(), 'tradevest', 'test', now() - n * interval '1 second', 'webhook', '[]', body, sha256(body),
            length(body), 'authentic', status, CASE status WHEN 'delivered' THEN 'applied' END
     FROM generate_series(1, $1::int) n
       CROSS JOIN LATERAL (SELECT CASE n % 100 WHEN 1 THEN 'parked' WHEN 2 THEN 'pending' ELSE 'delivered' END) AS s (status)
       CROSS JOIN LATERAL (SELECT convert_to('{"orderId":"' || n || '","status":"PLACED"}', 'UTF8')) AS b (body)`,
    [ROWS],
  );
  await stand.database.pool.query(
    `INSERT INTO counters (name, partner, slot, value) VALUES ('received', 'tradevest', 0, $1)`,
    [ROWS],
  );
}

/** Makes each page of the move last long enough to be killed in. */
async function slowDown(): Promise<void> {
  await stand.database.pool.query(
    `CREATE FUNCTION slow_down() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.05); RETURN NULL; END $$`,
  );
  await stand.database.pool.query(
    `CREATE TRIGGER slow_down BEFORE UPDATE OF body ON deliveries FOR EACH STATEMENT EXECUTE FUNCTION slow_down()`,
  );
}

async function moved(): Promise<number> {
  const { rows } = await stand.database.pool.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM deliveries d JOIN delivery_bodies b USING (partner, received_at, id)
     WHERE d.position <= $1`,
    [ROWS],
  );
  return rows[0]?.count ?? 0;
}

function environment(): Readonly<Record<string, string>> {
  return { DATABASE_URL: stand.url, TEMPORAL_ADDRESS: testServers().temporalAddress };
}

function startContract(): ChildProcess {
  return spawn(process.execPath, [CLI, 'setup', '--contract'], {
    cwd: __dirname,
    env: { PATH: process.env.PATH, ...environment() },
    stdio: 'ignore',
  });
}

test('20,000 bodies of release 0.2.0 move under load, killed again and again; nothing is lost and nothing decided twice', async () => {
  await fill();
  const expanded = await partnerflow(['setup'], environment());
  expect([expanded.code, expanded.err]).toEqual([0, '']);
  expect(expanded.out).toContain('partnerflow setup --contract');
  await slowDown();
  const { append } = createAppender(stand.database.pool, LIMITS, () => undefined);
  const appended: string[] = [];
  const recorded: string[] = [];
  const over = new AbortController();
  const watch = {
    ...{ claimed: () => undefined, ended: () => undefined, returned: () => undefined },
    recorded: (decisions: readonly { readonly claim: { readonly id: string } }[]) =>
      recorded.push(...decisions.map(({ claim }) => claim.id)),
  };
  const dispatchDue = async (): Promise<void> => {
    const claims = await claimAll(stand.dependencies);
    if (claims.length > 0) await dispatchBatch({ ...stand.dependencies, watch }, claims);
  };
  const receiver = (async () => {
    while (!over.signal.aborted) {
      const id = randomUUID();
      const body = Buffer.from(JSON.stringify({ orderId: id, status: 'PLACED' }));
      await append({
        ...{
          id,
          partner: 'tradevest',
          route: 'test',
          receivedAt: new Date(),
          source: 'webhook',
          headersJson: '[]',
          body,
        },
        ...{ bodySha256: createHash('sha256').update(body).digest(), verdict: 'authentic' },
        ...{ credentialFingerprint: null, traceparent: null },
      });
      appended.push(id);
    }
  })();
  const dispatcher = (async () => {
    while (!over.signal.aborted) await dispatchDue().then(() => delay(5));
  })();
  for (let kill = 0; kill < KILLS; kill += 1) {
    const before = await moved();
    const child = startContract();
    await eventually(async () => expect(await moved()).toBeGreaterThan(before));
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await moved()).toBeLessThan(ROWS);
  }
  await stand.database.pool.query('DROP TRIGGER slow_down ON deliveries');
  const contracted = await partnerflow(['setup', '--contract'], environment());
  expect([contracted.code, contracted.out]).toEqual([0, expect.stringContaining('is gone.')]);
  over.abort();
  await Promise.all([receiver, dispatcher]);
  await eventually(async () => {
    await dispatchDue();
    expect(await stand.database.kysely.selectFrom('delivery_queue').select('position').execute()).toEqual([]);
  });
  const { rows: altered } = await stand.database.pool.query(
    `SELECT id FROM kept_deliveries WHERE body IS NULL OR sha256(body) <> body_sha256`,
  );
  expect(altered).toEqual([]);
  expect(await moved()).toBe(ROWS);
  expect(recorded).toHaveLength(new Set(recorded).size);
  expect(recorded).toHaveLength(appended.length + ROWS / 100);
  const balance = await readBalance(stand.database.kysely, () => Promise.resolve([]));
  expect(balance).toMatchObject({ received: ROWS + appended.length, parked: ROWS / 100, pending: 0 });
});
