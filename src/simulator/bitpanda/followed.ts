import type { ObjectKind, Saying, SimulatedObject } from '../kind';
import { EUR, inventedId, params, secondsSince, SHARE, since, userIdOf } from './invented';

const FAILURES: Readonly<Record<string, string>> = { failed: 'slippage.evaluation' };

function found(id: string, status: Readonly<Record<string, string>>): Readonly<Record<string, unknown>> {
  return { data: [{ id, ...status }] };
}

function amount({ number }: SimulatedObject, { altered }: Saying): string {
  return (25 + number + (altered ? 5_000 : 0)).toFixed(8);
}

/** Orders that the partner places by a rule of the user's; only their end is told (vendors.md §3.3). */
export const automatedOrder: ObjectKind = {
  name: 'automated-order',
  object: 'order',
  states: ['created', 'in progress', 'finished', 'failed', 'cancelled', 'expired'],
  route: () => 'bitpanda/automated-orders',
  idOf: (seed, number) => inventedId('order', seed, number),
  event: () => 'automated-orders',
  webhook: (object, saying) => {
    const { status } = saying;
    const amounts = { asset_amount: '2.43667276', fiat_amount: amount(object, saying) };
    const reason = FAILURES[status ?? ''];
    return params({
      user_id: userIdOf(object),
      domain_slug: 'simulated',
      trade_id: object.id,
      asset_id: SHARE.uuid,
      fiat_id: EUR.uuid,
      type: 'buy',
      status,
      ...(status === 'finished' ? amounts : {}),
      ...(reason === undefined ? {} : { fail_reason: reason }),
      created_at: object.history[0]?.at ?? saying.at,
    });
  },
  read: { path: '/v2/trades/search', answer: ({ id }, status) => found(id, { status }) },
};

/** Crypto that comes or goes; a deposit may ask for details of who sent it (vendors.md §3.3). */
function cryptoTransfer(name: string, type: 'deposit' | 'withdrawal', requiredActions: string | null): ObjectKind {
  return {
    name,
    object: 'transfer',
    states: ['pending', 'processing', 'finished', 'canceled'],
    route: () => 'bitpanda/crypto-transfers',
    idOf: (seed, number) => inventedId('transfer', seed, number),
    event: () => 'crypto-transfers',
    webhook: (object, saying) =>
      params({
        id: object.id,
        user_id: userIdOf(object),
        internal_address_id: inventedId('address', object.number),
        external_address_id: inventedId('external address', object.number),
        ...{ asset_id: SHARE.uuid, asset_amount: amount(object, saying), asset_fee: '0.00100000' },
        ...{ fiat_id: EUR.uuid, fiat_amount: '2500.00', fiat_amount_fee: '2.00' },
        coin_network_id: inventedId('network'),
        network_id: 'simulated',
        asset_legal_classification: 'EMTS',
        transaction_type: type,
        transaction_status: saying.status,
        ...(requiredActions === null || saying.status === 'finished' ? {} : { required_actions: requiredActions }),
        created_at: object.history[0]?.at ?? saying.at,
        credited_at: saying.status === 'finished' ? since(object, saying) : null,
      }),
    read: {
      path: '/v1/crypto-transfers/transactions',
      answer: ({ id }, state) => found(id, { transaction_status: state }),
    },
  };
}

export const cryptoDeposit = cryptoTransfer('crypto-deposit', 'deposit', null);
export const cryptoDepositToExplain = cryptoTransfer(
  'crypto-deposit-to-explain',
  'deposit',
  'PROVIDE_BENEFICIARY_DETAILS',
);
export const cryptoWithdrawal = cryptoTransfer('crypto-withdrawal', 'withdrawal', null);

/** The newer webhooks name the currency by a UUID, the older ones by its symbol (vendors.md §3.3). */
function currency({ status }: Saying): Readonly<Record<string, string>> {
  return status?.endsWith('-v2') === true ? { fiat_id: EUR.uuid } : { fiat_symbol: EUR.symbol };
}

const bare = (status: string | null): string => (status ?? '').replace(/-v2$/, '');
const wordOf = ({ status }: Saying): string => status ?? '';

/** A deposit of our own, by the reference it was announced with. Both versions of its webhook have the same id. */
export const deposit: ObjectKind = {
  name: 'deposit',
  object: 'deposit',
  states: ['top-up-success', 'top-up-success-v2'],
  route: (saying) => `bitpanda/${wordOf(saying)}`,
  idOf: (seed, number) => `deposit-${inventedId(seed).slice(0, 8)}-${number}`,
  event: wordOf,
  webhook: (object, saying) =>
    params({
      id: inventedId('deposit', object.id),
      type: 'deposit',
      reference: object.id,
      timestamp: secondsSince(object, saying),
      ...currency(saying),
      fiat_amount: amount(object, saying),
    }),
  read: null,
};

/** Money on its way to our bank account, by its reference: announced, then initiated. */
export const payout: ObjectKind = {
  name: 'payout',
  object: 'payout',
  states: ['send-money', 'send-money-v2', 'send-money-success', 'send-money-success-v2'],
  route: (saying) => `bitpanda/${wordOf(saying)}`,
  idOf: (seed, number) => `payout-${inventedId(seed).slice(0, 8)}-${number}`,
  event: wordOf,
  webhook: (object, saying) => {
    const isSuccess = bare(saying.status) === 'send-money-success';
    const id = inventedId(bare(saying.status), object.id);
    const sum = amount(object, saying);
    const common = { reference: object.id, timestamp: secondsSince(object, saying), ...currency(saying) };
    return params(
      isSuccess
        ? { id, type: 'withdrawal', ...common, fiat_amount: sum }
        : { pid: id, trade_id: 7_000_000 + object.number, ...common, amount_sent: sum, fiat_balance: '950.50000000' },
    );
  },
  read: null,
};

/** What becomes of a user at the partner: the action, and whether it succeeded. */
export const user: ObjectKind = {
  name: 'user',
  object: 'user',
  states: ['verification', 'verification-failed'],
  route: () => 'bitpanda/user-updates',
  idOf: (seed, number) => inventedId('own user', seed, number),
  event: () => 'user-updates',
  webhook: (object, saying) =>
    params({
      action: (saying.status ?? '').replace(/-failed$/, ''),
      success: saying.status?.endsWith('-failed') === false,
      user_pid: object.id,
      timestamp: secondsSince(object, saying),
    }),
  read: null,
};
