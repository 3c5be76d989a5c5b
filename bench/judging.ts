import { randomUUID } from 'node:crypto';

import type { Pool } from 'pg';

import { dataFolder } from '../src/development/folders';
import { startPostgres } from '../src/development/postgres';
import { openDatabase } from '../src/store/database';
import { judgeSets } from '../src/store/corporate-actions/judge';
import { migrate } from '../src/store/migrate';
import { rewriteSets } from './baselines/rewrite-sets';
import { summarise, type Summary } from './summary';

const HOLDERS = 10_000;
const ROUNDS = 7;
const OPTIONS = { precisions: { '*': '0.00000001' }, alertWindowMs: 60_000 };

/** Holders of two movements each, none of them verified, and two whose complete sets prove the ratio. */
async function fill(pool: Pool, caId: string, userIds: readonly string[]): Promise<void> {
  const legs = userIds.flatMap((userId, index) => [
    [userId, 'asset:1', '-10'],
    [userId, 'asset:1', '10'],
    ...(index < 2 ? [[userId, 'asset:2', '5']] : []),
  ]);
  await pool.query(
    `INSERT INTO movements (partner, transaction_id, leg, workflow_id, user_id, instrument, amount, credited_at, type, corporate_action_id)
     SELECT 'bitpanda', gen_random_uuid()::text, 'asset', 'bench', user_id, instrument, amount, now(), 'spin_off', $1
     FROM unnest($2::text[], $3::text[], $4::numeric[]) AS said (user_id, instrument, amount)`,
    [caId, legs.map(([user]) => user), legs.map(([, instrument]) => instrument), legs.map(([, , amount]) => amount)],
  );
  await pool.query(`INSERT INTO corporate_actions (partner, id, type) VALUES ('bitpanda', $1, 'spin_off')`, [caId]);
  await pool.query(
    `INSERT INTO transaction_sets (partner, corporate_action_id, user_id)
     SELECT 'bitpanda', $1, user_id FROM unnest($2::text[]) AS said (user_id)`,
    [caId, userIds],
  );
}

/** Reset to the state in which no ratio has been proved yet. */
async function forget(pool: Pool, caId: string): Promise<void> {
  await pool.query(
    `UPDATE transaction_sets SET verdict = 'unverified', breaks = '[]', expected_new = '{}', judged_through = 9223372036854775807
     WHERE corporate_action_id = $1`,
    [caId],
  );
  await pool.query('VACUUM transaction_sets');
}

/** Judging of all holders of one corporate action anew, beside the bare statement that rewrites as many sets. */
export async function benchJudging(progress: (text: string) => void): Promise<Summary> {
  const postgres = await startPostgres({ folder: dataFolder(`bench-${process.pid}`) });
  const database = openDatabase({ url: postgres.url, poolSize: 2, queryTimeoutMs: 60_000 });
  const results: Record<string, number[]> = { ours: [], rewriteAlone: [] };
  const caId = randomUUID();
  const userIds = Array.from({ length: HOLDERS }, () => randomUUID());
  const variants = {
    ours: () => judgeSets(database.kysely, { partner: 'bitpanda', id: caId }, OPTIONS),
    rewriteAlone: () => rewriteSets(database.pool, caId, userIds),
  };
  try {
    await migrate(database.kysely);
    await fill(database.pool, caId, userIds);
    for (let round = 0; round <= ROUNDS; round += 1) {
      for (const [name, work] of Object.entries(variants)) {
        await forget(database.pool, caId);
        const beganMs = performance.now();
        await work();
        // The first round warms up.
        if (round > 0) results[name]?.push(1_000 / (performance.now() - beganMs));
      }
      progress(`judging: round ${round} of ${ROUNDS}`);
    }
  } finally {
    await database.close();
    await postgres.stop();
  }
  return summarise('judging', `re-judgings per second of ${HOLDERS} holders`, results);
}
