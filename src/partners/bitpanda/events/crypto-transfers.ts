import * as t from 'io-ts';

import { ChangeTime } from '../../../codecs/partner-times';
import { ExactDecimal, MachineWord, machineWord, ObjectId, optional, Text } from '../../../codecs/primitives';
import { sealed, side } from '../../../codecs/side-fields';
import { bitpandaTransfer } from '../lifecycles/transfer';
import { unitOf } from '../../details';
import { defineStateEvent } from '../../event';
import { AssetId, params, statusOf, userHint } from '../body';

const OF_A_PERSON = 'an address or a transaction on a public chain leads to a person';

const A_WORD_OR_SOME = 'a word of letters, digits, "_", "." and "-", or a list of such words';

/** One word on the partner's page; a list is assumed to be possible, of which the words are taken. */
const Actions = new t.Type<readonly string[], unknown, unknown>(
  A_WORD_OR_SOME,
  (value): value is readonly string[] => Array.isArray(value),
  (value, context) => {
    const given: readonly unknown[] = Array.isArray(value) ? value : [value];
    const words = given.map(machineWord).filter((word) => word !== null);
    return words.length > 0 || given.length === 0 ? t.success(words) : t.failure(value, context);
  },
  t.identity,
);

const Body = params(
  t.intersection([
    t.type({ id: ObjectId, transaction_status: statusOf(bitpandaTransfer) }),
    t.partial({
      user_id: side(ObjectId),
      asset_id: side(AssetId),
      asset_amount: optional(ExactDecimal),
      asset_fee: side(ExactDecimal),
      transaction_type: side(MachineWord),
      required_actions: side(Actions),
      internal_address_id: sealed(OF_A_PERSON),
      external_address_id: sealed(OF_A_PERSON),
      transaction_hash: sealed(OF_A_PERSON),
      asset_legal_classification: side(MachineWord, { unkeptBecause: 'it is a property of the asset' }),
      coin_network_id: side(ObjectId, { unkeptBecause: 'the asset is the same on each network' }),
      network_id: side(Text, { unkeptBecause: 'the asset is the same on each network' }),
      fiat_id: side(AssetId),
      fiat_amount: side(ExactDecimal),
      fiat_amount_fee: side(ExactDecimal),
      tax_declaration_status: side(MachineWord, { unkeptBecause: 'nothing waits for it' }),
      created_at: side(ChangeTime, { unkeptBecause: 'the status says what happened' }),
      credited_at: side(ChangeTime),
    }),
  ]),
);
type Body = t.TypeOf<typeof Body>;

/** The words in the order of the alphabet, as one. */
function actionsOf({ params: { required_actions: given } }: Body): string | null {
  const words = [...(given ?? [])];
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
    type: body.transaction_type,
  }),
  details: ({ params: body }) => ({
    userId: body.user_id,
    changedAt: body.credited_at,
    side: body.transaction_type,
    amounts: [
      ['gross', body.asset_amount, unitOf('asset', body.asset_id)],
      ['fee', body.asset_fee, unitOf('asset', body.asset_id)],
      ['value', body.fiat_amount, unitOf('fiat', body.fiat_id)],
      ['fee-value', body.fiat_amount_fee, unitOf('fiat', body.fiat_id)],
    ],
  }),
  callToAct: (body) => (actionsOf(body) === null ? null : 'action-required'),
  duplicateKey: (body) => ({
    key: `crypto-transfer:${body.params.id}:${body.params.transaction_status}:${actionsOf(body) ?? ''}`,
    says: [body.params.user_id ?? null, body.params.asset_id ?? null, body.params.asset_amount ?? null],
  }),
});
