import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { PlanNews } from '../../src/domain/lifecycles/savings-plan/plan-news';
import { createCoinifyReader } from '../../src/partners/coinify/client';
import { decoders, type KnownPartner } from '../support/partners';
import { startScriptedServer } from './scripted-server';

/** The body of a fixture with other fields in place of its own. */
function changed(partner: KnownPartner, file: string, fields: Readonly<Record<string, unknown>>): Buffer {
  const body: { readonly params?: Readonly<Record<string, unknown>> } = JSON.parse(
    readFileSync(join('test', 'fixtures', partner, `${file}.json`), 'utf8'),
  );
  const { params } = body;
  return Buffer.from(
    JSON.stringify(params === undefined ? { ...body, ...fields } : { params: { ...params, ...fields } }),
  );
}

function decoded(partner: KnownPartner, route: string, file: string, fields: Readonly<Record<string, unknown>>) {
  const decoding = decoders[partner].decode(route, changed(partner, file, fields), 'a-delivery');
  if (!decoding.ok) throw new Error(JSON.stringify(decoding.problem));
  return decoding.decoded;
}

function statusOf(...given: Parameters<typeof decoded>): string | null {
  const { content } = decoded(...given);
  return 'status' in content ? content.status : null;
}

describe('the ends of a recurrence', () => {
  const FAILED = ['savings-plan-failed-trade', 'savings-plan-failed-trade.not-confirmed.synthetic'] as const;
  const FINISHED = ['savings-plan-successful-trade', 'savings-plan-successful-trade.synthetic'] as const;
  const newsOf = (route: string, file: string, status: string): PlanNews | null => {
    const { content } = decoded('bitpanda', route, file, { savings_plan_transaction_status: status });
    return content.lifecycle === 'savingsPlan' ? content.news : null;
  };

  test.each(['not_confirmed', 'failed', 'insufficient_funds', 'expired'])(
    'a word on the route of failures is a failure, also one that nobody knows: %s',
    (word) => {
      expect(newsOf(...FAILED, word)).toMatchObject({ kind: 'final', status: word });
      expect(newsOf(...FAILED, word)).not.toHaveProperty('contradictsRoute');
    },
  );

  test('what is no word is parked on the route of failures too', () => {
    const body = changed('bitpanda', FAILED[1], { savings_plan_transaction_status: 'the plan of Max' });
    expect(decoders.bitpanda.decode(FAILED[0], body, 'a-delivery')).toMatchObject({
      ok: false,
      problem: { path: 'params.savings_plan_transaction_status' },
    });
  });

  test('a word that nobody knows is parked on the route of successes: money may have moved', () => {
    const body = changed('bitpanda', FINISHED[1], { savings_plan_transaction_status: 'partly' });
    expect(decoders.bitpanda.decode(FINISHED[0], body, 'a-delivery')).toMatchObject({ ok: false });
  });

  test('finished on the route of failures, or a failure on the other one, contradicts its route', () => {
    expect(newsOf(...FAILED, 'finished')).toMatchObject({ status: 'finished', contradictsRoute: true });
    expect(newsOf(...FINISHED, 'failed')).toMatchObject({ status: 'failed', contradictsRoute: true });
    expect(newsOf(...FINISHED, 'finished')).not.toHaveProperty('contradictsRoute');
  });

  test('finished on both routes is one event with two meanings, not a repetition', () => {
    const same = {
      external_transaction_id: 'tx',
      savings_plan_id: 'plan',
      savings_plan_transaction_status: 'finished',
    };
    const [success, failure] = [decoded('bitpanda', ...FINISHED, same), decoded('bitpanda', ...FAILED, same)];
    expect(success.duplicateKey?.key).toBe(failure.duplicateKey?.key);
    expect(success.duplicateKey?.meaning).not.toBe(failure.duplicateKey?.meaning);
  });
});

test.each([
  ['order', 'traditional-asset-order-notification', 'traditional-asset-order-notification', 'CANCELLED', 'CANCELED'],
  ['offboarding', 'offboarding-notification', 'offboarding-notification', 'CANCELLED', 'CANCELED'],
  [
    'identification',
    'identification-verification-notification',
    'identification-verification-notification',
    'CANCELLED',
    'CANCELED',
  ],
  ['product', 'customer-product-notification', 'customer-product-notification', 'CANCELED', 'CANCELLED'],
])('Tradevest’s two spellings are one word: %s', (_object, route, file, given, ours) => {
  expect(statusOf('tradevest', route, file, { status: given })).toBe(ours);
  expect(statusOf('tradevest', route, file, { status: ours })).toBe(ours);
});

test.each(['BLOCKED', 'RESTRICTED', 'INACTIVE'])('a Tradevest product may be %s', (status) => {
  expect(statusOf('tradevest', 'customer-product-notification', 'customer-product-notification', { status })).toBe(
    status,
  );
});

test.each(['on-hold', 'rejected'])('a crypto transfer may be %s', (status) => {
  const file = 'crypto-transfer.deposit-finished.synthetic';
  expect(statusOf('bitpanda', 'crypto-transfers', file, { transaction_status: status })).toBe(status);
});

test.each([
  ['reviewing', { status: 'reviewing' }],
  ['completed_test', { status: 'completed', facts: { sandbox: 'completed_test' } }],
])('a Coinify trade that is read as %s', async (state, expected) => {
  const server = await startScriptedServer(() => ({ status: 200, body: { id: 1235, state } }));
  try {
    const reader = createCoinifyReader({
      apiUrl: server.url,
      timeoutMs: 10_000,
      credentials: { accessToken: 'static' },
    });
    const reading = await reader.read({ partner: 'coinify', object: 'trade', id: '1235' }, {});
    expect(reading).toMatchObject(expected);
  } finally {
    await server.close();
  }
});
