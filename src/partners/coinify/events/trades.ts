import * as t from 'io-ts';

import { ChangeTime } from '../../../codecs/partner-times';
import { ExactDecimal, MachineWord, ObjectId, OwnContext, Text } from '../../../codecs/primitives';
import { sealed, side } from '../../../codecs/side-fields';
import type { LifecycleTable } from '../../../domain/lifecycles/table';
import { defineStateEvent, type PartnerEvent } from '../../event';
import type { GivenAmount } from '../../details';
import { enveloped } from '../envelope';
import { coinifyOtcTrade } from '../lifecycles/otc-trade';
import { coinifyTrade } from '../lifecycles/trade';

const TIME = { unkeptBecause: 'the state says what happened' };

const Fee = t.partial({ amount: side(ExactDecimal), currency: side(Text) });
const FeeOfTrade = t.partial({ amount: side(Fee) });

/** One side of a trade. */
const Transfer = t.intersection([
  t.type({
    amount: t.intersection([
      t.type({ amount: ExactDecimal, currency: Text }),
      t.partial({ isApproximate: side(t.boolean, { unkeptBecause: 'the amount of a completed trade is final' }) }),
    ]),
  }),
  t.partial({
    medium: side(MachineWord, { unkeptBecause: 'the amounts are the same whatever the medium' }),
    totalFee: side(Fee),
    details: sealed('an account or address belongs to a person'),
    transactionTime: side(ChangeTime, TIME),
  }),
]);

/** Context of cancelled, expired and rejected: no amounts. */
const ShortTrade = t.intersection([
  t.type({ id: ObjectId, traderId: ObjectId }),
  t.partial({
    residenceCountry: sealed('it says where a person lives'),
    partnerContext: side(OwnContext),
    createTime: side(ChangeTime, TIME),
  }),
]);
type ShortTrade = t.TypeOf<typeof ShortTrade>;

/** Context of created, transfer-in-completed, completed, and of an OTC trade. */
const FullTrade = t.intersection([
  ShortTrade,
  t.type({ transferIn: Transfer, transferOut: Transfer }),
  t.partial({
    eurAmount: side(ExactDecimal),
    totalFee: side(FeeOfTrade),
    partnerFee: side(FeeOfTrade),
  }),
]);
type FullTrade = t.TypeOf<typeof FullTrade>;

/** Events of trades in the order of a trade's life, each named by the state it brings; a new one is one entry here. */
export const tradeEvents: readonly PartnerEvent[] = [
  // The customer's payment is awaited.
  fullTradeEvent('created'),
  // The payment is in; the payout has not been sent yet: nothing may be credited.
  fullTradeEvent('transfer-in-completed'),
  // The payout was sent: the trade is to be booked once its read agrees.
  fullTradeEvent('completed'),
  // Before the payment.
  shortTradeEvent('cancelled'),
  // The payment did not come in time.
  shortTradeEvent('expired'),
  // Before or after the payment.
  shortTradeEvent('rejected'),
  // The only event there is for an OTC trade.
  tradeEvent(coinifyOtcTrade, 'completed', FullTrade, (trade) => ['otc', ...saysOf(trade)], amountsOf),
];

function fullTradeEvent(state: string): PartnerEvent {
  return tradeEvent(coinifyTrade, state, FullTrade, (trade) => [state, ...saysOf(trade)], amountsOf);
}

function shortTradeEvent(state: string): PartnerEvent {
  return tradeEvent(coinifyTrade, state, ShortTrade, ({ id, traderId }) => [state, id, traderId]);
}

/** Meaning of a trade with amounts: the trader, and how much of which currency against how much of which. */
function saysOf({ id, traderId, transferIn, transferOut }: FullTrade): readonly string[] {
  const sides = [transferIn.amount, transferOut.amount];
  return [id, traderId, ...sides.flatMap(({ amount, currency }) => [amount, currency])];
}

/** The event that brings a trade to a state; `says` is what its repetitions must agree in. */
function tradeEvent<Trade extends ShortTrade>(
  table: LifecycleTable,
  state: string,
  trade: t.Type<Trade, unknown>,
  says: (trade: Trade) => readonly string[],
  amounts: (trade: Trade) => readonly GivenAmount[] = () => [],
): PartnerEvent {
  const event = `${table.object}.${state}`;
  return defineStateEvent({
    table,
    event,
    body: enveloped(trade),
    id: ({ context }) => context.id,
    status: () => state,
    readHints: ({ context }) => ({ traderId: context.traderId }),
    details: ({ time, context }) => ({
      userId: context.traderId,
      reference: context.partnerContext,
      changedAt: time,
      amounts: amounts(context),
    }),
    duplicateKey: ({ id, context }) => ({ key: id, says: says(context) }),
  });
}

/** Amounts of a trade: of both sides, the fees, and the value. */
function amountsOf({ transferIn, transferOut, totalFee, partnerFee, eurAmount }: FullTrade): readonly GivenAmount[] {
  return [
    ['in', transferIn.amount.amount, transferIn.amount.currency],
    ['in-fee', transferIn.totalFee?.amount, transferIn.totalFee?.currency],
    ['out', transferOut.amount.amount, transferOut.amount.currency],
    ['out-fee', transferOut.totalFee?.amount, transferOut.totalFee?.currency],
    ['fee', totalFee?.amount?.amount, totalFee?.amount?.currency],
    ['partner-fee', partnerFee?.amount?.amount, partnerFee?.amount?.currency],
    ['value', eurAmount, 'EUR'],
  ];
}
