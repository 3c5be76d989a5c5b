import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { sql } from 'kysely';

import { eventually } from '../support/eventually';
import { withFoldedAlerts } from '../support/folded-alerts';
import { partnerflow, startPartnerflow } from '../support/partnerflow';
import { testServers } from '../support/servers';
import { type MovementSystem, openMovementSystem, paramsOf } from './movements';

jest.setTimeout(240_000);

/** More than a process takes at once. */
const ACTIONS = 60;
const HOLDERS = 2;
const DAY_MS = 86_400_000;

const folder = mkdtempSync(join(tmpdir(), 'partnerflow-policy-'));
let system: MovementSystem;
const caIds = Array.from({ length: ACTIONS }, (): string => randomUUID());

/** Corporate actions of two holders each, for all of whom an answer is owed within a day. */
beforeAll(async () => {
  system = await openMovementSystem();
  system.partners.events = [];
  await system.receive();
  system.work();
  for (const caId of caIds)
    await Promise.all(
      Array.from({ length: HOLDERS }, () => randomUUID()).flatMap((userId) =>
        ['-10', '10'].map((amount) => system.post(paramsOf({ caId, userId, amount }))),
      ),
    );
  await eventually(async () => {
    const { rows } = await sql<{ sets: number }>`
      SELECT count(*)::int AS sets FROM subjects WHERE waiting_for = '{answer}'`.execute(system.database.kysely);
    expect(rows).toEqual([{ sets: ACTIONS * HOLDERS }]);
  }, 120_000);
});

afterAll(async () => {
  await system.close();
  rmSync(folder, { recursive: true });
});

/** The variables of a command under a policy with this time for an answer. */
function under(answer: string): Readonly<Record<string, string>> {
  const file = join(folder, `${answer}.json`);
  const due = { 'bitpanda:corporate-action': { settle: 'PT0.5S', answer, obligation: 'P1D' } };
  const ladder = [{ alert: true, wait: 'P1D' }];
  writeFileSync(file, JSON.stringify({ sweepEvery: 'P3650D', ladder, thenEvery: 'P1D', due }));
  return {
    DATABASE_URL: system.databaseUrl,
    TEMPORAL_ADDRESS: testServers().temporalAddress,
    TEMPORAL_TASK_QUEUE: system.taskQueue,
    POLICY_FILE: file,
  };
}

const APPLY = (): readonly string[] => ['policy', 'apply', '--filter', `TaskQueue = "${system.taskQueue}"`];

/** Days within which the answers are due, and the number of sets that each is true of. */
async function answersDue(): Promise<Readonly<Record<string, number>>> {
  const rows = await system.database.kysely
    .selectFrom('subjects')
    .select(['since', 'due_at'])
    .where('lifecycle', '=', 'corporateAction')
    .execute();
  const days = rows.map(({ since, due_at }) =>
    Math.round(((due_at?.getTime() ?? 0) - (since?.getTime() ?? 0)) / DAY_MS),
  );
  return Object.fromEntries([...new Set(days)].map((day) => [day, days.filter((one) => one === day).length]));
}

test('another policy reaches every set of corporate actions; killed in the middle it goes on with those that are left', async () => {
  expect(await answersDue()).toEqual({ 1: ACTIONS * HOLDERS });
  await system.database.kysely.transaction().execute(async (transaction) => {
    await sql`SET LOCAL idle_in_transaction_session_timeout = 0`.execute(transaction);
    // The sets of some of them wait for a lock, so that whoever works on all of them stops in the middle.
    await sql`
      SELECT FROM subjects WHERE split_part(object_id, ':', 1) = ANY (
        SELECT split_part(object_id, ':', 1) FROM subjects WHERE lifecycle = 'corporateAction' ORDER BY 1 DESC LIMIT 30)
      FOR UPDATE`.execute(transaction);
    const killed = startPartnerflow(APPLY(), under('P9D'));
    await eventually(async () => expect((await answersDue())[9]).toBeGreaterThan(HOLDERS * 10), 60_000);
    await killed.kill();
  });
  expect((await answersDue())[1]).toBeGreaterThan(0);
  const { code, out, err } = await partnerflow(APPLY(), under('P9D'));
  expect(err).toContain('Goes on with what');
  expect({ code, out }).toEqual({
    code: 0,
    out: `${ACTIONS} flows have the policy in force; 0 ended meanwhile, 0 failed.\n`,
  });
  expect(await answersDue()).toEqual({ 9: ACTIONS * HOLDERS });
});

test('a set that is booked after another policy was applied is judged under it, and one that is overdue by it is alerted', async () => {
  const [caId = ''] = caIds;
  const userId = randomUUID();
  for (const amount of ['-10', '10']) await system.becameOf(await system.post(paramsOf({ caId, userId, amount })));
  await eventually(async () => expect(await answersDue()).toEqual({ 9: ACTIONS * HOLDERS + 1 }));
  expect(await partnerflow(APPLY(), under('PT1S'))).toMatchObject({ code: 0 });
  await eventually(async () => {
    const { rows } = await sql<{ overdue: number }>`
      SELECT count(*)::int AS overdue FROM subjects WHERE overdue AND waiting_for = '{answer}'`.execute(
      system.database.kysely,
    );
    expect(rows).toEqual([{ overdue: ACTIONS * HOLDERS + 1 }]);
  }, 60_000);
  const alerts = await withFoldedAlerts(system.database.kysely);
  const raised = await alerts.selectFrom('alerts').select('count').where('finding', '=', 'unverified').execute();
  expect(raised.length).toBeGreaterThan(0);
});
