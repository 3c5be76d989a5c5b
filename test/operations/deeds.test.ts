import { IN_CLEAR } from '../../src/store/encryption';
import { createExpectations } from '../../src/operator/expect';
import { flowsThat } from '../support/dispatch';
import { PARTNERS } from '../../src/partners';
import { recordAction } from '../../src/store/audit';
import { importOpenings } from '../../src/store/ledger/openings';
import { createPolicies, DEFAULT_POLICY_SETTINGS } from '../../src/config/policy';
import { retryAllParked } from '../../src/store/deliveries/retry';
import { type Api, keep, openApi } from './harness';
import { book, owe } from './ledger-rows';

let api: Api;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());
beforeEach(async () => {
  await api.database.kysely.deleteFrom('operator_actions').execute();
});

async function deeds(query = ''): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const { status, body } = await api.call('GET', `/operations/deeds${query}`);
  expect(status).toBe(200);
  return body.items;
}

const problem = { path: 'status', expected: 'a known one', found: 'NEW' };

/** Everything an operator changes by the API or the store's own functions, and what is kept of it. */
const CHANGES: readonly (readonly [
  what: string,
  change: () => Promise<string>,
  deed: Readonly<Record<string, unknown>>,
])[] = [
  [
    'a retry',
    async () => {
      const id = await keep(api.database.kysely, { status: 'parked', problem });
      await api.call('POST', `/operations/deliveries/${id}/retry`);
      return id;
    },
    { by: 'alice', action: 'retry' },
  ],
  [
    'a retry of all that is parked',
    async () => {
      await keep(api.database.kysely, { status: 'parked', problem });
      await retryAllParked(api.database.kysely, 'bob');
      return 'all parked deliveries';
    },
    { by: 'bob', action: 'retry', details: { deliveries: 1 } },
  ],
  [
    'money passed on',
    async () => {
      const { id } = await owe(api.database.kysely, { user: 'u', instrument: 'fiat:1', amount: '5' });
      await api.call('POST', `/operations/obligations/${id}/paid`, { body: { reference: 'SEPA 1' } });
      await api.call('POST', `/operations/obligations/${id}/paid`, { body: { reference: 'SEPA 2' } });
      return id;
    },
    { by: 'alice', action: 'paid', details: { reference: 'SEPA 1' } },
  ],
  [
    'a movement taken back',
    async () => {
      const { transactionId } = await book(api.database.kysely, { user: 'u', instrument: 'asset:1', amount: '5' });
      const path = `/operations/movements/bitpanda/${transactionId}/reverse`;
      await api.call('POST', path, { body: { reason: 'booked twice' } });
      await api.call('POST', path, { body: { reason: 'again' } });
      return `bitpanda:${transactionId}`;
    },
    { by: 'alice', action: 'reverse', reason: 'booked twice', details: { legs: 1 } },
  ],
  [
    'openings that were imported',
    async () => {
      const line = {
        line: 2,
        partner: 'bitpanda',
        userId: 'u',
        instrument: 'asset:1',
        amount: '5',
        asOf: '2026-01-01T00:00:00Z',
      } as const;
      async function* batches() {
        await Promise.resolve();
        yield [line];
      }
      const source = { by: 'carol', isSound: () => true, onConflicts: () => undefined };
      await importOpenings(api.database.kysely, { ...source, batches: batches() });
      await importOpenings(api.database.kysely, { ...source, batches: batches() });
      return 'positions';
    },
    { by: 'carol', action: 'import', details: { lines: 1, fresh: 1 } },
  ],
  [
    'an object that is expected',
    async () => {
      const flows = flowsThat();
      const policies = createPolicies(DEFAULT_POLICY_SETTINGS, 1);
      const register = createExpectations({
        database: api.database.kysely,
        flows,
        policies,
        partners: PARTNERS,
        references: { encryption: IN_CLEAR, referenceHashKey: null },
      });
      await register({ partner: 'tradevest', object: 'order', id: 'new', dueWithinSeconds: 60 }, 'backend');
      return 'tradevest:order:new';
    },
    { by: 'backend', action: 'expect', details: { dueWithinSeconds: 60 } },
  ],
];

describe('what operators did', () => {
  it.each(CHANGES)('names who, when and what, once: %s', async (_, change, deed) => {
    const target = await change();
    expect(await deeds(`?target=${encodeURIComponent(target)}`)).toEqual([
      { at: expect.stringMatching(/\.\d{3}Z$/), reason: null, details: {}, target, ...deed },
    ]);
  });

  it('is listed newest first, by target, by name and by action, in pages', async () => {
    for (const [by, action] of [
      ['alice', 'refetch'],
      ['bob', 'resolve'],
      ['alice', 'resolve'],
    ] as const)
      await recordAction(api.database.kysely, { by, action, target: 'tradevest:order:1', reason: 'x', details: {} });
    const said = (items: readonly Readonly<Record<string, unknown>>[]) =>
      items.map(({ by, action }) => `${String(by)} ${String(action)}`);
    expect(said(await deeds())).toEqual(['alice resolve', 'bob resolve', 'alice refetch']);
    expect(said(await deeds('?by=alice'))).toEqual(['alice resolve', 'alice refetch']);
    expect(said(await deeds('?by=alice&action=resolve'))).toEqual(['alice resolve']);
    expect(said(await deeds('?target=tradevest:order:2'))).toEqual([]);
    const { body } = await api.call('GET', '/operations/deeds?limit=2');
    expect(said(body.items)).toEqual(['alice resolve', 'bob resolve']);
    expect(said(await deeds(`?limit=2&after=${String(body.next)}`))).toEqual(['alice refetch']);
  });

  it.each(['limit=0', 'after=x', 'action=1', 'by=', 'who=alice'])('refuses ?%s', async (query) => {
    expect((await api.call('GET', `/operations/deeds?${query}`)).status).toBe(400);
  });
});
