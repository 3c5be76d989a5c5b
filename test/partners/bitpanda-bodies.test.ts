import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { decoders } from '../support/partners';
import type { Decoded } from '../../src/partners/event';

const FOLDER = join(__dirname, '..', 'fixtures', 'bitpanda');

function bytesOf(file: string): Buffer {
  return readFileSync(join(FOLDER, `${file}.json`));
}

function decoded(route: string, body: Buffer): Decoded {
  const decoding = decoders.bitpanda.decode(route, body, 'a-delivery');
  if (!decoding.ok) throw new Error(JSON.stringify(decoding.problem));
  return decoding.decoded;
}

/** The printed webhook with fields of its `params` changed; undefined takes one away. */
function changed(file: string, fields: Record<string, unknown>): Buffer {
  const { params }: { params: Record<string, unknown> } = JSON.parse(bytesOf(file).toString('utf8'));
  return Buffer.from(JSON.stringify({ params: { ...params, ...fields } }));
}

const versions = [
  ['top-up-request-v1.synthetic', 'top-up-request', 'top-up-request-v2.assumed', 'top-up-request-v2'],
  ['top-up-success-v1.synthetic', 'top-up-success', 'top-up-success-v2.assumed', 'top-up-success-v2'],
  ['send-money-v1.assumed', 'send-money', 'send-money-v2.synthetic', 'send-money-v2'],
  ['send-money-success-v1.synthetic', 'send-money-success', 'send-money-success-v2.assumed', 'send-money-success-v2'],
  [
    'savings-plan-upcoming-trade-v1.synthetic',
    'savings-plan-upcoming-trade',
    'savings-plan-upcoming-trade-v2.synthetic',
    'savings-plan-upcoming-trade-v2',
  ],
] as const;

test.each(versions)(
  '%s and its successor are one event: the same key, the same meaning',
  (old, oldRoute, file, route) => {
    const [first, second] = [decoded(oldRoute, bytesOf(old)), decoded(route, bytesOf(file))];
    expect(first.duplicateKey).not.toBeNull();
    expect(second.duplicateKey).toEqual(first.duplicateKey);
  },
);

test('the same event id with another amount is the same key with another meaning', () => {
  const first = decoded('top-up-success', bytesOf('top-up-success-v1.synthetic'));
  const other = decoded('top-up-success', changed('top-up-success-v1.synthetic', { fiat_amount: '251' }));
  expect(other.duplicateKey?.key).toBe(first.duplicateKey?.key);
  expect(other.duplicateKey?.meaning).not.toBe(first.duplicateKey?.meaning);
});

test('a repeated top-up request of another moment is news, with an alert and what is short now', () => {
  const first = decoded('top-up-request', bytesOf('top-up-request-v1.synthetic'));
  const later = decoded('top-up-request', changed('top-up-request-v1.synthetic', { timestamp: 1_700_000_999 }));
  expect(later.duplicateKey?.key).not.toBe(first.duplicateKey?.key);
  expect(later).toMatchObject({
    subject: { object: 'top-up', id: 'EUR' },
    content: { lifecycle: 'recorded', callToAct: 'top-up-requested', facts: { amount: '250' } },
  });
});

test('required actions of a crypto transfer are its reason and call for somebody to act; without them nothing does', () => {
  const open = decoded('crypto-transfers', bytesOf('crypto-transfer.deposit-processing.synthetic'));
  expect(open.content).toMatchObject({ reason: 'PROVIDE_BENEFICIARY_DETAILS', callToAct: 'action-required' });
  const sparse = decoded('crypto-transfers', bytesOf('crypto-transfer.withdrawal-pending-sparse.assumed'));
  expect(sparse.content).toMatchObject({ reason: null, status: 'pending' });
  expect(sparse.content).not.toHaveProperty('callToAct');
});

test('either spelling of cancelled is taken for the object’s own', () => {
  const order = decoded('automated-orders', changed('automated-order.cancelled-by-user', { status: 'canceled' }));
  expect(order.content).toMatchObject({ status: 'cancelled' });
  const spelt = changed('crypto-transfer.deposit-processing.synthetic', { transaction_status: 'cancelled' });
  expect(decoded('crypto-transfers', spelt).content).toMatchObject({ status: 'canceled' });
});

test('a savings plan’s upcoming recurrence keeps the deadline as sent', () => {
  const { content } = decoded(
    'savings-plan-upcoming-trade-v2',
    changed('savings-plan-upcoming-trade-v2.synthetic', {
      savings_plan_transaction_confirmation_deadline: '2026-11-15T11:00:00.123456+01:00',
    }),
  );
  expect(content).toMatchObject({
    news: { kind: 'upcoming', deadline: '2026-11-15T11:00:00.123456+01:00', amount: '25', frequency: 'monthly' },
  });
});

const refused: readonly (readonly [string, string, string, Record<string, unknown>, string])[] = [
  ['an unknown status', 'automated-orders', 'automated-order.finished', { status: 'napping' }, 'params.status'],
  [
    'an unknown action',
    'user-updates',
    'user-update.verification-failed.synthetic',
    { action: 'blacklist' },
    'params.action',
  ],
  [
    'an update of no user',
    'user-updates',
    'user-update.verification-failed.synthetic',
    { user_pid: null },
    'params.user_pid',
  ],
  [
    'a deadline on a day that does not exist',
    'savings-plan-upcoming-trade',
    'savings-plan-upcoming-trade-v1.synthetic',
    { savings_plan_transaction_confirmation_deadline: '2024-02-30T11:00:00Z' },
    'params.savings_plan_transaction_confirmation_deadline',
  ],
  [
    'a deadline that is a day',
    'savings-plan-upcoming-trade',
    'savings-plan-upcoming-trade-v1.synthetic',
    { savings_plan_transaction_confirmation_deadline: '2024-11-15' },
    'params.savings_plan_transaction_confirmation_deadline',
  ],
  [
    'no amount',
    'top-up-request',
    'top-up-request-v1.synthetic',
    { amount_to_deposit: null },
    'params.amount_to_deposit',
  ],
  ['an id of no text', 'crypto-transfers', 'crypto-transfer.deposit-finished.synthetic', { id: 7.5 }, 'params.id'],
  [
    'an amount with a comma',
    'corporate-actions',
    'corporate-action.delisting.int-id',
    { asset_amount: '1,5' },
    'params.asset_amount',
  ],
];

test.each(refused)('%s is parked with its place', (_what, route, file, fields, path) => {
  const decoding = decoders.bitpanda.decode(route, changed(file, fields), 'a-delivery');
  expect(decoding).toMatchObject({ ok: false, event: route, problem: { path } });
});

test('a deadline without an offset is UTC, and an unknown frequency is left out', () => {
  const decoding = decoded(
    'savings-plan-upcoming-trade',
    changed('savings-plan-upcoming-trade-v1.synthetic', {
      savings_plan_transaction_confirmation_deadline: '2024-11-15T11:00:00',
      savings_plan_frequency: 'hourly',
    }),
  );
  expect(decoding.content).toMatchObject({ news: { deadline: '2024-11-15T11:00:00Z', frequency: null } });
  expect(decoding.unread).toMatchObject([{ path: 'params.savings_plan_frequency', found: 'hourly' }]);
});

test('an update of a user whose time cannot be read is taken without it; the same bytes are the same event', () => {
  const file = 'user-update.verification-failed.synthetic';
  const told = [{ timestamp: 'noon' }, { timestamp: 'noon' }, { timestamp: 'later' }].map((fields) =>
    decoded('user-updates', changed(file, fields)),
  );
  const [first, again, other] = told;
  expect(first?.content).toMatchObject({ status: 'verification-failed' });
  expect(first?.content).not.toHaveProperty('changedAt');
  expect(first?.unread).toMatchObject([{ path: 'params.timestamp', expected: 'unix seconds' }]);
  expect(again?.duplicateKey).toEqual(first?.duplicateKey);
  expect(other?.duplicateKey).not.toEqual(first?.duplicateKey);
});

test('a number and its digits are one id', () => {
  const ids = [7, '7'].map((id) => changed('crypto-transfer.deposit-finished.synthetic', { id, asset_id: id }));
  const [number, digits] = ids.map((body) => decoded('crypto-transfers', body));
  expect(number?.subject.id).toBe('7');
  expect(number).toEqual(digits);
});

test('a top-up request without a currency is parked: there is no wallet to speak of', () => {
  const body = changed('top-up-request-v1.synthetic', { fiat_symbol: null });
  expect(decoders.bitpanda.decode('top-up-request', body, 'd')).toMatchObject({
    ok: false,
    problem: { expected: expect.any(String) },
  });
});

test('an unknown notification is parked under its name', () => {
  const decoding = decoders.bitpanda.decode('never-heard-of', Buffer.from('{}'), 'd');
  expect(decoding).toMatchObject({
    ok: false,
    event: null,
    problem: { path: 'notification', found: 'never-heard-of' },
  });
});
