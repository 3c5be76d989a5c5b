import * as t from 'io-ts';

import { ExactDecimal, machineWord, ObjectId, optional } from '../../../codecs/primitives';
import { bitpandaTransfer } from '../lifecycles/transfer';
import { defineStateEvent } from '../../event';
import { AssetId, params, statusOf, userHint } from '../body';

const Body = params(
  t.intersection([
    t.type({ id: ObjectId, transaction_status: statusOf(bitpandaTransfer) }),
    t.partial({
      user_id: optional(ObjectId),
      asset_id: optional(AssetId),
      asset_amount: optional(ExactDecimal),
      asset_fee: optional(ExactDecimal),
      transaction_type: t.unknown,
      required_actions: t.unknown,
    }),
  ]),
);
type Body = t.TypeOf<typeof Body>;

/** One word on the partner's page; a list is assumed to be possible. */
function actionsOf({ params: { required_actions: given } }: Body): string | null {
  const words = (Array.isArray(given) ? given : [given]).map(machineWord).filter((word) => word !== null);
  return words.length === 0 ? null : words.sort().join('.').slice(0, 100);
}

/** Coins come in or go out; somebody may have to act before they do (`required_actions`). */
export const cryptoTransfers = defineStateEvent({
  table: bitpandaTransfer,
  event: 'crypto-transfers',
  body: Body,
  id: (body) => body.params.id,
  status: (body) => body.params.transaction_status,
  reason: actionsOf,
  readHints: userHint,
  facts: ({ params: body }) => ({
    asset: body.asset_id,
    amount: body.asset_amount,
    fee: body.asset_fee,
    type: machineWord(body.transaction_type),
  }),
  callToAct: (body) => (actionsOf(body) === null ? null : 'action-required'),
  duplicateKey: (body) => ({
    key: `crypto-transfer:${body.params.id}:${body.params.transaction_status}:${actionsOf(body) ?? ''}`,
    says: [body.params.user_id ?? null, body.params.asset_id ?? null, body.params.asset_amount ?? null],
  }),
});
