import type { Json, ObjectKind, SimulatedObject, WebhookContent } from '../kind';
import { bitpandaKind } from './bitpanda-kind';
import { EUR, inventedId, secondsSince, SHARE, since, userIdOf } from './invented';

const FAILURES: Readonly<Record<string, string>> = { failed: 'slippage.evaluation' };

/** Orders that the partner places by a rule of the user's; only their end is reported (vendors.md §3.3). */
const automatedOrder = bitpandaKind({
  name: 'automated-order',
  object: 'order',
  states: ['created', 'in progress', 'finished', 'failed', 'cancelled', 'expired'],
  idOf: (seed, number) => inventedId('order', seed, number),
  event: 'automated-orders',
  body: (object, content) => {
    const { status } = content;
    const amounts = { asset_amount: '2.43667276', fiat_amount: amount(object, content) };
    const reason = FAILURES[status ?? ''];
    return {
      user_id: userIdOf(object),
      domain_slug: 'b2b2c',
      trade_id: object.id,
      asset_id: SHARE.uuid,
      fiat_id: EUR.uuid,
      type: 'buy',
      status,
      ...(status === 'finished' ? amounts : {}),
      ...(reason === undefined ? {} : { fail_reason: reason }),
      created_at: object.history[0]?.at ?? content.at,
    };
  },
  read: { path: '/v2/trades/search', answer: ({ id }, status) => found(id, { status }) },
});

const wordOf = ({ status }: WebhookContent): string => status ?? '';

/** Deposit of our own, by the reference it was announced with. Both versions of its webhook have the same id. */
const deposit = bitpandaKind({
  name: 'deposit',
  states: ['top-up-success', 'top-up-success-v2'],
  idOf: (seed, number) => `deposit-${inventedId(seed).slice(0, 8)}-${number}`,
  event: wordOf,
  body: (object, content) => ({
    id: inventedId('deposit', object.id),
    type: 'deposit',
    reference: object.id,
    timestamp: secondsSince(object, content),
    ...currency(content),
    fiat_amount: amount(object, content),
  }),
});

const bare = (status: string | null): string => (status ?? '').replace(/-v2$/, '');

/** Money on its way to our bank account, by its reference: announced, then initiated. */
const payout = bitpandaKind({
  name: 'payout',
  states: ['send-money', 'send-money-v2', 'send-money-success', 'send-money-success-v2'],
  idOf: (seed, number) => `payout-${inventedId(seed).slice(0, 8)}-${number}`,
  event: wordOf,
  body: (object, content) => {
    const isSuccess = bare(content.status) === 'send-money-success';
    const id = inventedId(bare(content.status), object.id);
    const sum = amount(object, content);
    const common = { reference: object.id, timestamp: secondsSince(object, content), ...currency(content) };
    return isSuccess
      ? { id, type: 'withdrawal', ...common, fiat_amount: sum }
      : { pid: id, trade_id: 7_000_000 + object.number, ...common, amount_sent: sum, fiat_balance: '950.50000000' };
  },
});

/** User at the partner: the action, and whether it succeeded. */
const user = bitpandaKind({
  name: 'user',
  states: ['verification', 'verification-failed'],
  idOf: (seed, number) => inventedId('own user', seed, number),
  event: 'user-updates',
  body: (object, content) => ({
    action: (content.status ?? '').replace(/-failed$/, ''),
    success: content.status?.endsWith('-failed') === false,
    user_pid: object.id,
    timestamp: secondsSince(object, content),
  }),
});

const PROBLEMS: Readonly<Record<string, readonly Json[]>> = {
  failed: [{ code: 'transaction.expired', title: 'simulated' }],
};

/** Transaction of Crypto Pay, of which the end alone is told. */
const payment = bitpandaKind({
  name: 'payment',
  states: ['completed', 'failed', 'cancelled'],
  idOf: (seed, number) => inventedId('payment', seed, number),
  event: 'transaction-update',
  body: (object, content) => ({
    id: object.id,
    status: content.status,
    type: 'withdrawal',
    fiat: { id: EUR.uuid, amount: amount(object, content) },
    credited_at: content.status === 'completed' ? since(object, content) : null,
    errors: PROBLEMS[content.status ?? ''] ?? [],
  }),
});

/** Kinds that are followed by their states. */
export const followedKinds: readonly ObjectKind[] = [
  automatedOrder,
  cryptoTransfer('crypto-deposit', 'deposit', null),
  // It asks for details of its sender.
  cryptoTransfer('crypto-deposit-to-explain', 'deposit', 'PROVIDE_BENEFICIARY_DETAILS'),
  cryptoTransfer('crypto-withdrawal', 'withdrawal', null),
  ...[deposit, payout, payment, user],
];

function amount({ number }: SimulatedObject, { altered }: WebhookContent): string {
  return (25 + number + (altered ? 5_000 : 0)).toFixed(8);
}

function found(id: string, status: Readonly<Record<string, string>>): Json {
  return { data: [{ id, ...status }] };
}

/** Crypto that comes or goes; a deposit may ask for details of who sent it (vendors.md §3.3). */
function cryptoTransfer(name: string, type: 'deposit' | 'withdrawal', requiredActions: string | null): ObjectKind {
  return bitpandaKind({
    name,
    object: 'transfer',
    states: ['pending', 'processing', 'finished', 'canceled'],
    idOf: (seed, number) => inventedId('transfer', seed, number),
    event: 'crypto-transfers',
    body: (object, content) => ({
      id: object.id,
      user_id: userIdOf(object),
      internal_address_id: inventedId('address', object.number),
      external_address_id: inventedId('external address', object.number),
      ...{ asset_id: SHARE.uuid, asset_amount: amount(object, content), asset_fee: '0.00100000' },
      ...{ fiat_id: EUR.uuid, fiat_amount: '2500.00', fiat_amount_fee: '2.00' },
      coin_network_id: inventedId('network'),
      network_id: 'simulated',
      asset_legal_classification: 'EMTS',
      transaction_type: type,
      transaction_status: content.status,
      ...(requiredActions === null || content.status === 'finished' ? {} : { required_actions: requiredActions }),
      created_at: object.history[0]?.at ?? content.at,
      credited_at: content.status === 'finished' ? since(object, content) : null,
    }),
    read: {
      path: '/v1/crypto-transfers/transactions',
      answer: ({ id }, state) => found(id, { transaction_status: state }),
    },
  });
}

/** Currency of a webhook: the newer ones name it by a UUID, the older ones by its symbol (vendors.md §3.3). */
function currency({ status }: WebhookContent): Readonly<Record<string, string>> {
  return status?.endsWith('-v2') === true ? { fiat_id: EUR.uuid } : { fiat_symbol: EUR.symbol };
}
