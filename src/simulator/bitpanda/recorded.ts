import type { Json, ObjectKind, SimulatedObject, WebhookContent } from '../kind';
import { bitpandaKind } from './bitpanda-kind';
import { EUR, inventedId, secondsSince, SHARE, since, userIdOf } from './invented';

/** Report. Its body is not published: these fields are assumed (vendors.md §3.3). */
const report = bitpandaKind({
  name: 'report',
  states: ['ready'],
  idOf: (seed, number) => inventedId('report', seed, number),
  event: 'reports',
  body: (object, content) => ({
    id: object.id,
    user_id: userIdOf(object),
    type: 'tax_report',
    trigger: 'scheduled',
    created_at: since(object, content),
  }),
});

const VERSIONS: Readonly<Record<string, string>> = { v1: '', v2: '-v2', v3: '-v3' };
const transactionRoute = ({ status }: WebhookContent): string =>
  `non-user-initiated-transactions${VERSIONS[status ?? ''] ?? ''}`;

/** Movement that no user asked for. */
const transaction = bitpandaKind({
  name: 'transaction',
  states: Object.keys(VERSIONS),
  idOf: (seed, number) => inventedId('transaction', seed, number),
  event: transactionRoute,
  body: transactionBody,
});

/** Two legs of a merger of crypto assets. */
const cryptoAction = bitpandaKind({
  name: 'crypto-action',
  states: ['merger_crypto'],
  idOf: (seed, number) => inventedId('crypto action', seed, number),
  event: 'crypto-actions',
  body: (object, content) => {
    const leg = (id: string, direction: string, assetAmount: string): Json => ({
      ...{ id, asset_id: inventedId('coin', direction), asset_int: direction === 'incoming' ? 2473 : 4108 },
      ...{ fiat_id: EUR.uuid, fiat_int: EUR.int },
      ...{ asset_amount: assetAmount, fiat_amount: '10.69', fee_amount: '0', type_defined_for: 'asset', direction },
    });
    const legs = [
      leg(object.id, 'outgoing', '3501.04394764'),
      leg(inventedId('leg', object.id), 'incoming', '1516.74326526'),
    ];
    return {
      id: object.id,
      user_id: userIdOf(object),
      type: content.status,
      credited_at: since(object, content),
      transactions: legs,
    };
  },
});

/** Kinds that are reported and not followed: requests, reports, movements. */
export const recordedKinds: readonly ObjectKind[] = [
  topUpRequest('top-up-request', { fiat_symbol: EUR.symbol }, EUR.symbol),
  topUpRequest('top-up-request-v2', { fiat_id: EUR.uuid }, EUR.uuid),
  ...[report, transaction, cryptoAction],
];

/**
 * Body of a movement. The first version has integer ids and assets alone; all three have the same id (vendors.md
 * §3.3).
 */
function transactionBody(object: SimulatedObject, content: WebhookContent): Json {
  const amount = content.altered ? '9.99000000' : '0.10160299';
  const common = {
    id: object.id,
    user_id: userIdOf(object),
    type: 'staking_reward',
    direction: 'incoming',
    created_at: object.history[0]?.at ?? content.at,
    asset_amount: amount,
    related_offer_id: null,
  };
  if (content.status === 'v1') return { ...common, asset_id: SHARE.int };
  const isUuid = content.status === 'v3';
  return {
    ...common,
    asset_id: isUuid ? SHARE.uuid : SHARE.int,
    type_defined_for: 'asset',
    fiat_id: isUuid ? EUR.uuid : EUR.int,
    fiat_amount: '10.50',
    asset_fee: '0.01016029',
  };
}

/** Request for money while our balance is below its threshold; the amount is what is missing now (vendors.md §3.4). */
function topUpRequest(name: string, currency: Readonly<Record<string, string>>, id: string): ObjectKind {
  return bitpandaKind({
    name,
    object: 'top-up',
    states: ['asked', 'asked-again'],
    idOf: () => id,
    event: name,
    body: (object, content) => ({
      ...(content.status === 'asked' ? { trade_id: 7_654_321 } : {}),
      timestamp: secondsSince(object, content),
      ...currency,
      fiat_balance: '1000.50000000',
      amount_to_deposit: ((content.status === 'asked' ? 250 : 180) + object.number).toFixed(8),
    }),
  });
}
