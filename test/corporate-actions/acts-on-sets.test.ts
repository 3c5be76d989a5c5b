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

async function call(method: 'GET' | 'POST', path: string, body?: unknown) {
  const { statusCode, body: answer } = await request(`${system.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${TOKEN}` },
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
