import { randomUUID } from 'node:crypto';

import { request } from 'undici';

import { eventually } from '../support/eventually';
import { type MovementSystem, openMovementSystem, paramsOf } from './movements';

jest.setTimeout(180_000);

const TOKEN = 'token-of-alice';

let system: MovementSystem;

beforeAll(async () => {
  system = await openMovementSystem();
  system.partners.events = [];
  await system.receive({ OPERATIONS_TOKENS: JSON.stringify({ alice: TOKEN }) });
  system.work();
});

afterAll(() => system.close());

async function call(method: 'GET' | 'POST', path: string, body?: unknown, key?: string) {
  const { statusCode, body: answer } = await request(`${system.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${TOKEN}`, ...(key === undefined ? {} : { 'idempotency-key': key }) },
    body: body === undefined ? null : JSON.stringify(body),
  });
  const said: Readonly<Record<string, unknown>> = JSON.parse(await answer.text());
  return { status: statusCode, body: said };
}

const idOf = (caId: string, userId: string): string => `bitpanda:corporate-action:${caId}:${userId}`;

/** Holders of a new corporate action, each with a set of which nobody knows the ratio: an answer is owed for every one. */
async function unverified(holders: number): Promise<{ readonly caId: string; readonly users: readonly string[] }> {
  const caId = randomUUID();
  const users = Array.from({ length: holders }, (): string => randomUUID());
  await Promise.all(
    users.flatMap((userId) =>
      ['-10', '10'].map(async (amount) => {
        expect(await system.becameOf(await system.post(paramsOf({ caId, userId, amount })))).toBe('applied');
      }),
    ),
  );
  await eventually(async () => {
    const { body: shown } = await call('GET', `/operations/corporate-actions/${caId}?limit=200`);
    expect(shown.holders).toEqual(users.map(() => expect.objectContaining({ verdict: 'unverified' })));
  }, 60_000);
  return { caId, users };
}

test('forty operators who act on holders of one corporate action in the same moment all succeed', async () => {
  const { caId, users } = await unverified(40);
  const answers = await Promise.all(
    users.map((userId) =>
      call('POST', `/operations/flows/${encodeURIComponent(idOf(caId, userId))}/resolve`, {
        reason: 'cleared by phone',
        result: 'done',
      }),
    ),
  );
  expect(answers.map(({ status, body }) => ({ status, open: body.open, detail: body.detail }))).toEqual(
    users.map(() => ({ status: 200, open: false, detail: undefined })),
  );
  const { body } = await call('GET', `/operations/corporate-actions/${caId}?limit=200`);
  expect(body.holders).toEqual(
    users.map(() => expect.objectContaining({ resolution: expect.objectContaining({ by: 'alice' }) })),
  );
});

/** Acts of operators on sets, by holder and in order, as the audit has them. */
async function acts(caId: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const rows = await system.database.kysely
    .selectFrom('operator_actions')
    .select(['target', 'action', 'by'])
    .where('target', 'like', `%:${caId}:%`)
    .orderBy('position')
    .execute();
  const byHolder = new Map<string, string[]>();
  for (const { target, action, by } of rows) byHolder.set(target, [...(byHolder.get(target) ?? []), `${by} ${action}`]);
  return byHolder;
}

/** Updates that the flow of a corporate action was sent. */
async function updatesOf(caId: string): Promise<readonly string[]> {
  const { events } = await system.client.workflow.getHandle(`bitpanda:corporate-action:${caId}`).fetchHistory();
  return (events ?? []).flatMap(
    ({ workflowExecutionUpdateAcceptedEventAttributes: accepted }) => accepted?.acceptedRequest?.input?.name ?? [],
  );
}

test('an act on all holders of a corporate action reaches them in pages, each by one Update, and each holder once', async () => {
  const { caId, users } = await unverified(60);
  const ids = users.map((userId) => idOf(caId, userId));
  const asked = { partner: 'bitpanda', waiting: 'answer', reason: 'given a week', seconds: 604_800 };
  const done: unknown[] = [];
  let after: unknown = undefined;
  do {
    const page = { ...asked, ...(after === null || after === undefined ? {} : { after }) };
    const key = `a-week-${String(done.length)}`;
    const first = await call('POST', '/operations/flows/extend', page, key);
    expect(first.status).toBe(200);
    // A client whose answer was lost asks again, and nothing is done twice.
    const again = await call('POST', '/operations/flows/extend', page, key);
    expect(again.body.items).toEqual(first.body.items);
    if (Array.isArray(first.body.items)) done.push(...first.body.items);
    after = first.body.next;
  } while (after !== null);
  const results = new Map(
    done.map((item) => [Reflect.get(Object(item), 'workflowId'), Reflect.get(Object(item), 'result')]),
  );
  expect(ids.map((id) => results.get(id))).toEqual(ids.map(() => 'done'));
  expect(await acts(caId)).toEqual(new Map([...ids].map((id) => [id, ['alice extend']])));
  const updates = await updatesOf(caId);
  expect(updates.length).toBeLessThanOrEqual(3);
  expect(new Set(updates)).toEqual(new Set(['actOnSets']));
});
