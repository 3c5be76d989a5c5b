import * as t from 'io-ts';

import { ExactDecimal, ObjectId, Text } from '../../codecs/primitives';

/** One side of a trade. What is not used (medium, fees, details, times) may not refuse a delivery, so it is not named. */
const Transfer = t.type({ amount: t.type({ amount: ExactDecimal, currency: Text }) });

const tradeKeys = { id: ObjectId, traderId: ObjectId };

/** Context of created, transfer-in-completed, completed, and of an OTC trade. */
export const FullTrade = t.type({ ...tradeKeys, transferIn: Transfer, transferOut: Transfer });
type FullTrade = t.TypeOf<typeof FullTrade>;

/** Context of cancelled, expired and rejected: no amounts. */
export const ShortTrade = t.type(tradeKeys);

/** Meaning of a trade with amounts: the trader, and how much of which currency against how much of which. */
export function saysOf({ id, traderId, transferIn, transferOut }: FullTrade): readonly string[] {
  const sides = [transferIn.amount, transferOut.amount];
  return [id, traderId, ...sides.flatMap(({ amount, currency }) => [amount, currency])];
}
