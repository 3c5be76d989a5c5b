import * as t from 'io-ts';

import { Moment } from '../../codecs/partner-times';
import { ExactDecimal, IdPart, MachineWord, ObjectId, optional, shortList, Text } from '../../codecs/primitives';
import { side } from '../../codecs/side-fields';
import { AssetId, Direction, params, Word } from './body';

const SYMBOL = { unkeptBecause: 'the id beside it names the same' };
const SAID_BY_TYPE = { unkeptBecause: 'the type of the event says it' };

/** Details of a corporate action; null for a dividend in fiat, and `[]` where there are none (vendors.md §3.3). */
const AdditionalDetails = t.partial({
  id_defined_for: side(MachineWord, { unkeptBecause: 'the event says what the id is of' }),
  type_defined_for: side(MachineWord, { unkeptBecause: 'the amounts that are there say it' }),
  action: side(MachineWord, SAID_BY_TYPE),
  type: side(MachineWord, { unkeptBecause: 'the amounts carry their sign' }),
  asset_group: side(MachineWord),
  direction: side(MachineWord),
  credited_at: optional(Moment),
  asset_price: side(ExactDecimal),
  asset_price_including_fee: side(ExactDecimal),
  asset_price_fiat_id: side(AssetId),
});

/** One movement of a corporate action for one user; `asset_amount` is signed, fiat is money already in our wallet. */
export const CorporateActionBody = params(
  t.intersection([
    t.type({ id: ObjectId, ca_id: IdPart, user_pid: IdPart, type: Word }),
    t.partial({
      asset_id: side(AssetId, { decidesWhere: 'there is an asset amount' }),
      asset_symbol: side(Text, SYMBOL),
      time: side(Moment, { decidesWhere: '`credited_at` is not there' }),
      asset_amount: optional(ExactDecimal),
      fiat_id: side(AssetId, { decidesWhere: 'there is a fiat amount' }),
      fiat_symbol: side(Text, SYMBOL),
      fiat_amount: optional(ExactDecimal),
      additional_details: side(AdditionalDetails),
    }),
  ]),
);

const OF_AN_ASSET = { decidesWhere: 'an asset moves' };
const OF_MONEY = { decidesWhere: 'money moves' };

/** One leg of a crypto action; its amounts are unsigned, `direction` gives the sign. */
const CryptoActionLeg = t.intersection([
  t.type({ id: ObjectId, direction: Direction }),
  t.partial({
    asset_id: side(AssetId, { decidesWhere: 'an asset moves and `asset_int` is not there' }),
    asset_int: side(AssetId, { decidesWhere: 'an asset moves and `asset_id` is not there' }),
    fiat_id: side(AssetId, { decidesWhere: 'money moves and `fiat_int` is not there' }),
    fiat_int: side(AssetId, { decidesWhere: 'money moves and `fiat_id` is not there' }),
    asset_amount: side(ExactDecimal, OF_AN_ASSET),
    fiat_amount: side(ExactDecimal, OF_MONEY),
    fee_amount: side(ExactDecimal),
    type_defined_for: optional(Text),
  }),
]);

/** A crypto action with any number of legs; one outgoing leg alone is a removal of dust. */
export const CryptoActionBody = params(
  t.type({
    id: ObjectId,
    user_id: IdPart,
    type: Word,
    credited_at: Moment,
    transactions: t.refinement(shortList(CryptoActionLeg, 500), (legs) => legs.length > 0, 'at least one transaction'),
  }),
);

/** A transaction the user did not ask for, in all three versions; version 1 cannot say whether asset or fiat. */
export const TransactionBody = params(
  t.intersection([
    t.type({ id: ObjectId, user_id: IdPart, type: Word, direction: Direction, created_at: Moment }),
    t.partial({
      asset_id: side(AssetId, OF_AN_ASSET),
      asset_amount: side(ExactDecimal, OF_AN_ASSET),
      fiat_id: side(AssetId, OF_MONEY),
      fiat_amount: side(ExactDecimal, OF_MONEY),
      asset_fee: side(ExactDecimal),
      related_offer_id: side(ObjectId),
      type_defined_for: optional(Text),
    }),
  ]),
);

/** Body of a corporate action. */
export type CorporateAction = t.TypeOf<typeof CorporateActionBody>['params'];
/** Body of a crypto action. */
export type CryptoAction = t.TypeOf<typeof CryptoActionBody>['params'];
/** Body of a transaction. */
export type Transaction = t.TypeOf<typeof TransactionBody>['params'];
