import { randomUUID } from 'node:crypto';

import { loggedIn, seen } from '../page/browse';
import { partnerflow } from '../support/partnerflow';
import { testServers } from '../support/servers';
import { type Api, follow, keep, openApi, TOKEN } from './harness';
import { book, owe } from './ledger-rows';

jest.setTimeout(120_000);

const USER = '0b8f2f0e-6a0a-4a53-8d4b-1f6a1c2d3e4f';
const ORDER = '5f0f1d3a-4b1c-4c1e-9d55-0a4b8a4f2c11';
const OTHER = '5f0f1d3a-4b1c-4c1e-9d55-0a4b8a4f2c12';
const TRANSACTION = 'c0ffee00-1111-4222-8333-444455556666';

let api: Api;
let delivery: string;
let obligation: string;
beforeAll(async () => {
  api = await openApi();
  const { kysely } = api.database;
  await follow(kysely, `tradevest:order:${ORDER}`, { id: ORDER });
  await follow(kysely, `tradevest:order:${OTHER}`, {
    id: OTHER,
    end: { state: 'SETTLED', at: new Date().toISOString(), by: 'read' },
  });
  await follow(kysely, `bitpanda:transaction:${TRANSACTION}`, {
    ...{ as: 'recorded', partner: 'bitpanda', object: 'transaction', id: TRANSACTION },
  });
  delivery = await keep(kysely, { status: 'delivered', outcome: 'applied', workflowId: `tradevest:order:${ORDER}` });
  for (let index = 0; index < 30; index += 1)
    await follow(kysely, `tradevest:order:many-${index}`, { id: `many-${index}` });
  const owed = await owe(kysely, { user: USER, instrument: 'fiat:1', amount: '12.5', transactionId: TRANSACTION });
  obligation = owed.id;
  await kysely
    .updateTable('movements')
    .set({ workflow_id: `bitpanda:transaction:${TRANSACTION}` })
    .execute();
  await book(kysely, { user: randomUUID(), instrument: 'asset:1', amount: '1' });
});
afterAll(() => api.close());

async function find(q: string, limit?: number) {
  const query = new URLSearchParams({ q, ...(limit === undefined ? {} : { limit: String(limit) }) });
  const { status, body } = await api.call('GET', `/operations/search?${query.toString()}`);
  expect(status).toBe(200);
  const ids = (kind: string, name: string): readonly unknown[] =>
    (Array.isArray(body[kind]) ? body[kind] : []).map((item: Readonly<Record<string, unknown>>) => item[name]);
  return {
    subjects: ids('subjects', 'workflowId'),
    deliveries: ids('deliveries', 'id'),
    movements: ids('movements', 'transactionId'),
    obligations: ids('obligations', 'id'),
    more: body.more,
  };
}

const ofOrder = () => ({
  ...{ subjects: [`tradevest:order:${ORDER}`], deliveries: [delivery], movements: [], obligations: [], more: [] },
});
const ofTransaction = () => ({
  ...{ subjects: [`bitpanda:transaction:${TRANSACTION}`], deliveries: [], movements: [TRANSACTION] },
  ...{ obligations: [obligation], more: [] },
});

describe('one search', () => {
  it.each([
    ["a partner's id", ORDER],
    ["a partner's id in capitals", ORDER.toUpperCase()],
    ['a workflow id', `tradevest:order:${ORDER}`],
    ['a text with blanks around it', `  ${ORDER} `],
  ])('finds a subject and its deliveries by %s', async (_what, q) => {
    expect(await find(q)).toEqual(ofOrder());
  });

  it.each([
    ['of an id', ORDER.slice(0, 20)],
    ['of an id in capitals', ORDER.slice(0, 20).toUpperCase()],
    ['of a workflow id', `tradevest:order:${ORDER.slice(0, 20)}`],
  ])('finds all that have the beginning %s', async (_what, q) => {
    const { subjects } = await find(q);
    expect(subjects).toEqual([`tradevest:order:${ORDER}`, `tradevest:order:${OTHER}`]);
  });

  it("finds all of a user's money by the user's id", async () => {
    expect(await find(USER)).toEqual(ofTransaction());
    expect(await find(USER.toUpperCase())).toEqual(ofTransaction());
  });

  it('finds a movement, its obligation and its subject by the transaction, whole or not', async () => {
    expect(await find(TRANSACTION)).toEqual(ofTransaction());
    expect(await find(TRANSACTION.slice(0, 9))).toEqual(ofTransaction());
  });

  it('finds a delivery by its own id, with its subject, and an obligation by its own', async () => {
    expect(await find(delivery)).toEqual(ofOrder());
    expect((await find(obligation)).obligations).toEqual([obligation]);
  });

  it('shows the whole id before longer ones, and says where there are more', async () => {
    const { subjects, more } = await find('many-1', 5);
    expect(subjects[0]).toBe('tradevest:order:many-1');
    expect(subjects).toHaveLength(5);
    expect(more).toEqual(['subjects']);
    expect((await find('many-1')).subjects).toHaveLength(11);
  });

  it.each(['%', '_', "'; DROP TABLE subjects; --", '\\', 'no such thing', '🙂'])('finds nothing for %s', async (q) => {
    const { subjects, deliveries, movements, obligations } = await find(q);
    expect([...subjects, ...deliveries, ...movements, ...obligations]).toEqual([]);
  });

  it.each(['', '?q=', '?q=%20', '?q=%00', '?q=x&limit=0', '?q=x&limit=501', '?q=a&q=b'])(
    'refuses %s with 400',
    async (query) => {
      expect((await api.call('GET', `/operations/search${query}`)).status).toBe(400);
    },
  );

  it('refuses a text that no id can be', async () => {
    expect((await api.call('GET', `/operations/search?q=${'x'.repeat(5_001)}`)).status).toBe(400);
  });

  it('stands on every page, and leads to what was found', async () => {
    const alice = await loggedIn(api.url, TOKEN);
    const overview = await alice.get('/operations/');
    expect(overview.text).toContain('action="/operations/page/search"');
    const answer = await alice.get(`/operations/page/search?q=${TRANSACTION}`);
    expect(answer.text).toContain(`href="/operations/page/flow/bitpanda%3Atransaction%3A${TRANSACTION}"`);
    expect(seen(answer)).toContain('12.5');
    expect(seen(await alice.get('/operations/page/search?q=nobody'))).toContain('Nothing was found');
  });
});

describe('partnerflow find', () => {
  const run = (...words: readonly string[]) =>
    partnerflow(words, {
      ...{ DATABASE_URL: api.databaseUrl, TEMPORAL_ADDRESS: testServers().temporalAddress },
      TEMPORAL_UI_URL: 'http://ui.example',
    });

  it('finds the same, in words and as the route answers it', async () => {
    const { code, out } = await run('find', TRANSACTION);
    expect(code).toBe(0);
    for (const word of [`bitpanda:transaction:${TRANSACTION}`, obligation, USER]) expect(out).toContain(word);
    const { body } = await api.call('GET', `/operations/search?q=${ORDER}`);
    const found: unknown = JSON.parse((await run('find', ORDER, '--json')).out);
    expect(found).toEqual(body);
  });

  it('ends with 1 where nothing is found, and with 2 where nothing is asked for', async () => {
    expect((await run('find', 'nobody')).code).toBe(1);
    expect((await run('find')).code).toBe(2);
    expect((await run('find', '  ')).code).toBe(2);
  });
});
