import { randomUUID } from 'node:crypto';

import { request } from 'undici';

import { eventually } from '../support/eventually';
import { startServerOfShortHistories } from '../workflows/short-histories';
import { type MovementSystem, openMovementSystem, paramsOf } from './movements';

jest.setTimeout(300_000);

const TOKEN = 'token-of-alice';

let temporal: Awaited<ReturnType<typeof startServerOfShortHistories>>;
let system: MovementSystem;

beforeAll(async () => {
  temporal = await startServerOfShortHistories();
  system = await openMovementSystem('PT0.5S', { temporalAddress: temporal.address });
  system.partners.events = [];
  await system.receive({ OPERATIONS_TOKENS: JSON.stringify({ alice: TOKEN }) });
  system.work();
});

afterAll(async () => {
  await system.close();
  await temporal.stop();
});

async function act(caId: string, userId: string, name: string, body: object): Promise<number> {
  const id = encodeURIComponent(`bitpanda:corporate-action:${caId}:${userId}`);
  const { statusCode, body: answer } = await request(`${system.url}/operations/flows/${id}/${name}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}` },
    body: JSON.stringify({ reason: 'in the middle of it', ...body }),
  });
  await answer.dump();
  return statusCode;
}

/** Half a set of a new holder, of which nobody knows whether its new share is missing: it stays open. */
async function book(caId: string): Promise<string> {
  const userId = randomUUID();
  for (const amount of ['-10', '10'])
    expect(await system.becameOf(await system.post(paramsOf({ caId, userId, amount })))).toBe('applied');
  return userId;
}

/** Ids of the runs of the flow of a corporate action. */
async function runsOf(caId: string): Promise<readonly string[]> {
  const runs: string[] = [];
  for await (const run of system.client.workflow.list({ query: `WorkflowId = "bitpanda:corporate-action:${caId}"` }))
    runs.push(run.runId);
  return runs;
}

/** The number of rounds that a run began after the server had asked it to end. */
async function roundsTooLate(caId: string): Promise<number> {
  let count = 0;
  for (const runId of await runsOf(caId)) {
    const { events } = await system.client.workflow
      .getHandle(`bitpanda:corporate-action:${caId}`, runId)
      .fetchHistory();
    const all = events ?? [];
    const askedAt = all.findIndex((event) => event.workflowTaskStartedEventAttributes?.suggestContinueAsNew === true);
    const later = askedAt < 0 ? [] : all.slice(askedAt);
    count += later.filter(
      (event) => event.activityTaskScheduledEventAttributes?.activityType?.name === 'judgeAction',
    ).length;
  }
  return count;
}

test('a flow of a corporate action that goes on in new runs between news and acts loses none of them', async () => {
  const caId = randomUUID();
  const users: string[] = [];
  for (let index = 0; index < 8; index += 1) users.push(await book(caId));
  const verdicts = async () => {
    const rows = await system.database.kysely
      .selectFrom('transaction_sets')
      .select(['user_id', 'verdict'])
      .where('corporate_action_id', '=', caId)
      .execute();
    return new Map(rows.map(({ user_id, verdict }) => [user_id, verdict]));
  };
  await eventually(async () => expect([...(await verdicts()).values()]).toEqual(users.map(() => 'unverified')));

  const acted = [...users];
  const acting = { isOver: false };
  const news = (async () => {
    while (!acting.isOver) users.push(await book(caId));
  })();
  const statuses: number[] = [];
  let rounds = 0;
  for (; rounds < 60 && (await runsOf(caId)).length < 4; rounds += 1) {
    const together = acted.map((userId) => act(caId, userId, 'extend', { seconds: 86_400 + rounds }));
    statuses.push(...(await Promise.all(together)));
  }
  acting.isOver = true;
  await news;
  expect((await runsOf(caId)).length).toBeGreaterThanOrEqual(4);
  expect(new Set(statuses)).toEqual(new Set([200]));
  const { rows } = await system.database.pool.query<{ target: string; count: string }>(
    `SELECT target, count(*) AS count FROM operator_actions WHERE action = 'extend' GROUP BY target`,
  );
  expect(new Map(rows.map(({ target, count }) => [target, Number(count)]))).toEqual(
    new Map(acted.map((userId) => [`bitpanda:corporate-action:${caId}:${userId}`, rounds])),
  );
  await eventually(async () => {
    expect(await verdicts()).toEqual(new Map(users.map((userId) => [userId, 'unverified'])));
  }, 30_000);
  expect(await roundsTooLate(caId)).toBe(0);
  expect(await act(caId, acted[0] ?? '', 'resolve', { result: 'done' })).toBe(200);
});
