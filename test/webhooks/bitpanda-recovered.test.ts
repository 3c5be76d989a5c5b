import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { openSystem, type System } from '../faults/system';
import { type Reply, type ScriptedServer, startScriptedServer } from '../partners/scripted-server';
import { eventually } from '../support/eventually';
import { bitpandaEnvironment } from './bitpanda-partner';

jest.setTimeout(120_000);

const folder = mkdtempSync(join(tmpdir(), 'partnerflow-recovered-'));
/** What the partner lists, by path; a path that is not here is 404. */
const lists: Record<string, readonly object[]> = {};

let partner: ScriptedServer;
let system: System;

function answer(path: string): Reply {
  const { pathname, searchParams } = new URL(path, 'http://partner');
  const listed = lists[pathname];
  if (pathname === '/token') {
    return { status: 200, body: { access_token: 'a', refresh_token: randomUUID(), expires_in: 3_600 } };
  }
  if (searchParams.has('id')) return { status: 200, body: { data: [] } };
  if (listed === undefined) return { status: 404 };
  const isFirst = (searchParams.get('page') ?? '1') === '1' && searchParams.get('cursor') === null;
  return { status: 200, body: { data: isFirst ? listed : [] } };
}

beforeAll(async () => {
  partner = await startScriptedServer(({ path }) => answer(path));
  const policy = join(folder, 'policy.json');
  writeFileSync(policy, JSON.stringify({ sweepEvery: 'PT1S' }));
  const environment = { ...bitpandaEnvironment(partner.url), POLICY_FILE: policy };
  lists['/v1/events'] = [];
  system = await openSystem({ environmentOf: () => environment });
  await system.receive();
  system.work();
});
afterAll(async () => {
  await system.close();
  await partner.close();
  rmSync(folder, { recursive: true });
});

const NOW = new Date().toISOString();

function event(name: string, payload: object): object {
  return { id: randomUUID(), name, created_at: NOW, payload };
}

interface SweptRow {
  readonly event: string | null;
  readonly status: string;
  readonly outcome: string | null;
  readonly workflow_id: string | null;
}

async function swept(workflowId: string): Promise<readonly SweptRow[]> {
  return system.database.kysely
    .selectFrom('deliveries')
    .select(['event', 'status', 'outcome', 'workflow_id'])
    .where('source', '=', 'sweep')
    .where('workflow_id', '=', workflowId)
    .execute();
}

test('what the partner’s list calls by its own names comes in as the webhook that was lost, once', async () => {
  const [userId, planId, transactionId] = [randomUUID(), randomUUID(), randomUUID()];
  lists['/v1/events'] = [
    event('account.send-money', {
      ...{ pid: randomUUID(), trade_id: 1, reference: 'ref-lost', timestamp: 1_700_000_400 },
      ...{ amount_sent: '50.00000000', fiat_symbol: 'EUR', fiat_balance: '1.00' },
    }),
    event('account.send-money-success', {
      ...{ id: randomUUID(), type: 'withdrawal', reference: 'ref-lost', timestamp: 1_700_000_500 },
      ...{ fiat_symbol: 'EUR', fiat_amount: '50.00000000' },
    }),
    event('user.savings-plan-notification', {
      ...{ fiat_id: 1, asset_id: 5, savings_plan_id: planId, external_transaction_id: transactionId, user_id: userId },
      ...{ fiat_amount: '25.00', savings_plan_transaction_confirmation_deadline: '2099-01-01T00:00:00Z' },
    }),
  ];
  await eventually(async () => {
    expect((await swept('bitpanda:payout:ref-lost')).map((row) => row.event).sort()).toEqual([
      'send-money',
      'send-money-success',
    ]);
    expect(await swept(`bitpanda:savings-plan:${planId}`)).toMatchObject([{ event: 'savings-plan-upcoming-trade' }]);
  });
  const asked = partner.count('/token');
  expect(asked).toBeGreaterThan(0);
});

test('movements that no event lists come in by the lists of objects, and are booked once', async () => {
  const [userId, caId, movementId, transactionId] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
  lists['/v1/trades/corporate-actions/search'] = [
    {
      ...{ id: movementId, ca_id: caId, action: 'stock_split', user_id: userId, type: 'payout', defined_for: 'asset' },
      ...{ asset_id: 5, asset_symbol: 'SHR', asset_amount: '12.00000000', credited_at: NOW },
      ...{ fiat_id: null, fiat_symbol: null, fiat_amount: null },
    },
  ];
  lists['/v2/non-user-initiated-transactions'] = [
    {
      ...{ id: transactionId, user_id: userId, type: 'staking_reward', direction: 'incoming', created_at: NOW },
      ...{ asset_id: 7, asset_amount: '0.5', type_defined_for: 'asset', fiat_id: 1, fiat_amount: '10.50' },
    },
  ];
  await eventually(async () => {
    const { rows } = await system.database.pool.query<{ instrument: string; amount: string }>(
      'SELECT instrument, amount::text FROM movements WHERE user_id = $1 ORDER BY instrument',
      [userId],
    );
    expect(rows).toMatchObject([{ instrument: 'asset:5' }, { instrument: 'asset:7' }]);
  });
});

test('an automated order that was sold, and told by no webhook, ends', async () => {
  const tradeId = randomUUID();
  lists['/v1/orders'] = [
    { id: randomUUID(), trade_id: tradeId, user_id: randomUUID(), type: 'sell', status: 'finished' },
  ];
  await eventually(async () => {
    expect(await swept(`bitpanda:order:${tradeId}`)).toMatchObject([{ event: 'automated-orders', outcome: 'applied' }]);
  });
});

test('names of no webhook are told once a window, and kept as no delivery', async () => {
  const before = await system.balance();
  lists['/v1/events'] = [1, 2, 3].map((count) => event('user.never-heard-of', { count }));
  const { kysely } = system.database;
  await eventually(async () => {
    const alerts = await kysely
      .selectFrom('alerts')
      .select(['partner', 'examples'])
      .where('finding', '=', 'unrouted')
      .execute();
    // Of a window that ends meanwhile there are two.
    expect(new Set(alerts.map(({ partner, examples }) => `${partner} ${examples.join()}`))).toEqual(
      new Set(['bitpanda bitpanda:event:user.never-heard-of']),
    );
  });
  const after = await system.balance();
  expect([after.received, after.parked, after.balanced]).toEqual([before.received, before.parked, true]);
});
