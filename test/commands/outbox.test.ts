import { type Api, openApi } from '../operations/harness';
import { enqueue, shownRows, wantOutcomes } from '../outbox/waiting';
import { partnerflow, type Ran } from '../support/partnerflow';

let api: Api;
beforeAll(async () => {
  api = await openApi();
  await wantOutcomes(api.database.kysely);
});
afterAll(() => api.close());
beforeEach(async () => {
  await api.database.kysely.deleteFrom('outbox').execute();
});

function run(...arguments_: readonly string[]): Promise<Ran> {
  return partnerflow(['outbox', ...arguments_], { DATABASE_URL: api.databaseUrl });
}

/** Messages that were given up; their ids, oldest first. */
async function dead(...subjects: readonly string[]): Promise<readonly string[]> {
  for (const subject of subjects) await enqueue(api.database.kysely, subject, 1);
  const rows = await api.database.kysely
    .updateTable('outbox')
    .set({ state: 'dead', ended_at: new Date(), last_failure: 'status 422', attempts: 3 })
    .where('subject', 'in', [...subjects])
    .returning(['id', 'position'])
    .execute();
  return rows.sort((a, b) => Number(a.position) - Number(b.position)).map(({ id }) => id);
}

describe('partnerflow outbox', () => {
  test('shows an operator what was given up and why, and as JSON what the API answers', async () => {
    await enqueue(api.database.kysely, 'waits', 1);
    const [id = ''] = await dead('bitpanda:transaction:1');
    const { code, out } = await run();
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`${id} +movement.booked +bitpanda:transaction:1 +dead +3 .*status 422`));
    expect(out).toContain('2 messages, 1 dead.');
    const json = await run('--state', 'dead', '--json');
    const { body } = await api.call('GET', '/operations/outbox?state=dead');
    expect(JSON.parse(json.out)).toEqual(body);
    expect(out).toContain('partnerflow outbox retry');
    expect((await run('--state', 'waiting')).out).not.toContain('partnerflow outbox retry');
  });

  test('has those sent again that are named, names the others, or has all sent again', async () => {
    const [first = '', second = ''] = await dead('a', 'b', 'c');
    const some = await run('retry', first, 'never-heard-of');
    expect(some.code).toBe(1);
    expect(some.out).toContain(`${first} is sent again.`);
    expect(some.err).toContain('No message has the id never-heard-of.');
    expect((await run('retry', first)).err).toContain(`${first} was not given up.`);
    const all = await run('retry', '--all');
    expect([all.code, all.out.trim()]).toEqual([0, '2 messages are sent again.']);
    expect(new Set((await shownRows(api.database.kysely)).map(({ state }) => state))).toEqual(new Set(['waiting']));
    const wrong = await run('retry', second, '--all');
    expect([wrong.code, (await run('retry')).code]).toEqual([2, 2]);
  });
});
