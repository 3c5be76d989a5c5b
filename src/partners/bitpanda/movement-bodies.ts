import * as t from 'io-ts';

import { ExactDecimal, IdPart, ObjectId, optional, shortList, Text } from '../../codecs/primitives';
import { AssetId, Direction, Moment, params, Word } from './body';

/** Amounts and times of a corporate action; null for a dividend in fiat (vendors.md §3.3). */
const AdditionalDetails = t.partial({
  id_defined_for: optional(Text),
  type_defined_for: optional(Text),
  asset_group: optional(Text),
  direction: optional(Text),
  credited_at: optional(Moment),
  asset_price: optional(ExactDecimal),
  asset_price_including_fee: optional(ExactDecimal),
  asset_price_fiat_id: optional(AssetId),
});

/** One movement of a corporate action for one user; `asset_amount` is signed, fiat is money already in our wallet. */
export const CorporateActionBody = params(
  t.intersection([
    t.type({ id: ObjectId, ca_id: IdPart, user_pid: IdPart, type: Word }),
    t.partial({
      asset_id: optional(AssetId),
      asset_symbol: optional(Text),
      time: optional(Moment),
      asset_amount: optional(ExactDecimal),
      fiat_id: optional(AssetId),
      fiat_symbol: optional(Text),
      fiat_amount: optional(ExactDecimal),
      additional_details: optional(AdditionalDetails),
    }),
  ]),
);

/** One leg of a crypto action; its amounts are unsigned, `direction` gives the sign. */
const CryptoActionLeg = t.intersection([
  t.type({ id: ObjectId, direction: Direction }),
  t.partial({
    asset_id: optional(AssetId),
    asset_int: optional(AssetId),
    fiat_id: optional(AssetId),
    fiat_int: optional(AssetId),
    asset_amount: optional(ExactDecimal),
    fiat_amount: optional(ExactDecimal),
    fee_amount: optional(ExactDecimal),
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
      asset_id: optional(AssetId),
      asset_amount: optional(ExactDecimal),
      fiat_id: optional(AssetId),
      fiat_amount: optional(ExactDecimal),
      asset_fee: optional(ExactDecimal),
      related_offer_id: optional(ObjectId),
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
