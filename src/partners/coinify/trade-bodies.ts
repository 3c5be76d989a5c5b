import * as t from 'io-ts';

import { ExactDecimal, ObjectId, optional, Text } from '../../codecs/primitives';

/** An amount with its currency; `isApproximate` says that amount and fee are not guaranteed (partner page). */
export const Amount = t.intersection([
  t.type({ amount: ExactDecimal, currency: Text }),
  t.partial({ isApproximate: optional(t.boolean) }),
]);

/** One side of a trade. */
export const Transfer = t.type({ medium: Text, amount: Amount });

const tradeKeys = { id: ObjectId, traderId: ObjectId };

/** Context of created, transfer-in-completed and completed. */
export const FullTrade = t.type({ ...tradeKeys, transferIn: Transfer, transferOut: Transfer });
export type FullTrade = t.TypeOf<typeof FullTrade>;

/** Context of cancelled, expired and rejected: no amounts. */
export const ShortTrade = t.type(tradeKeys);
export type ShortTrade = t.TypeOf<typeof ShortTrade>;

const otcTransfer = t.type({ amount: Amount });

/** Context of an OTC trade, where amounts stand one level deeper and no medium is named. */
export const OtcTrade = t.type({ ...tradeKeys, transferIn: otcTransfer, transferOut: otcTransfer });
export type OtcTrade = t.TypeOf<typeof OtcTrade>;

/** What a trade with amounts says: who, and how much of what against how much of what. */
export function saysOf({ id, traderId, transferIn, transferOut }: FullTrade | OtcTrade): readonly string[] {
  const sides = [transferIn.amount, transferOut.amount];
  return [id, traderId, ...sides.flatMap(({ amount, currency }) => [amount, currency])];
}
