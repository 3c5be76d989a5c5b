import * as t from 'io-ts';

import { isoOf, UnixSeconds } from '../../../codecs/partner-times';
import { ExactDecimal, MachineWord, ObjectId, optional } from '../../../codecs/primitives';
import { side } from '../../../codecs/side-fields';
import { bitpandaDeposit } from '../lifecycles/deposit';
import { bitpandaPayout } from '../lifecycles/payout';
import { unitOf } from '../../details';
import { defineRecordedEvent, defineStateEvent, type PartnerEvent } from '../../event';
import { AssetId, params } from '../body';

/** Version 1 names the currency by its symbol, version 2 by a UUID (assumed, vendors.md §3.3). */
const currencyFields = { fiat_symbol: side(ObjectId), fiat_id: side(AssetId) };

interface Timed {
  readonly timestamp?: string | null | undefined;
}

interface Currency {
  readonly fiat_symbol?: string | null | undefined;
  readonly fiat_id?: string | null | undefined;
}

function currencyOf({ fiat_symbol: symbol, fiat_id: id }: Currency): string | null {
  return symbol ?? id ?? null;
}

/** A symbol is a unit by itself. */
function unitOfCurrency({ fiat_symbol: symbol, fiat_id: id }: Currency): string | null {
  return symbol ?? unitOf('fiat', id);
}

function changedAt({ params: { timestamp } }: { readonly params: Timed }): string | null {
  return timestamp ? isoOf(timestamp) : null;
}

const Success = params(
  t.intersection([
    t.type({ id: ObjectId, reference: ObjectId }),
    t.partial({
      ...currencyFields,
      timestamp: side(UnixSeconds),
      fiat_amount: optional(ExactDecimal),
      type: side(MachineWord, { unkeptBecause: 'the event says it' }),
    }),
  ]),
);

/** A deposit or payout came through. One event id across both versions; the currency is spelled differently and says nothing. */
function successEvent(
  event: string,
  word: 'top-up-success' | 'send-money-success',
  isDeprecated = false,
): PartnerEvent {
  return defineStateEvent({
    table: word === 'top-up-success' ? bitpandaDeposit : bitpandaPayout,
    ...{ event, isDeprecated },
    body: Success,
    id: (body) => body.params.reference,
    status: () => word,
    changedAt,
    facts: (body) => ({ id: body.params.id, amount: body.params.fiat_amount, currency: currencyOf(body.params) }),
    details: ({ params: body }) => ({
      reference: body.reference,
      amounts: [['gross', body.fiat_amount, unitOfCurrency(body)]],
    }),
    duplicateKey: ({ params: { id, reference, fiat_amount: amount } }) => ({
      key: `${word}:${id}`,
      says: [reference, amount ?? null],
    }),
  });
}

const SendMoney = params(
  t.intersection([
    t.type({ pid: ObjectId, reference: ObjectId }),
    t.partial({
      ...currencyFields,
      timestamp: side(UnixSeconds),
      amount_sent: optional(ExactDecimal),
      fiat_balance: side(ExactDecimal),
      trade_id: side(ObjectId),
    }),
  ]),
);

/** The partner pays out to us, under a reference. */
function sendMoneyEvent(event: string, isDeprecated = false): PartnerEvent {
  return defineStateEvent({
    table: bitpandaPayout,
    ...{ event, isDeprecated },
    body: SendMoney,
    id: (body) => body.params.reference,
    status: () => 'send-money',
    changedAt,
    facts: (body) => ({ pid: body.params.pid, amount: body.params.amount_sent, currency: currencyOf(body.params) }),
    details: ({ params: body }) => ({
      reference: body.reference,
      amounts: [
        ['gross', body.amount_sent, unitOfCurrency(body)],
        ['balance', body.fiat_balance, unitOfCurrency(body)],
      ],
      facts: { tradeId: body.trade_id },
    }),
    duplicateKey: ({ params: { pid, reference, amount_sent: amount } }) => ({
      key: `send-money:${pid}`,
      says: [reference, amount ?? null],
    }),
  });
}

const TopUpRequest = params(
  t.intersection([
    t.type({ amount_to_deposit: ExactDecimal }),
    t.partial({
      fiat_symbol: side(ObjectId, { decidesWhere: '`fiat_id` is not there' }),
      fiat_id: side(AssetId, { decidesWhere: '`fiat_symbol` is not there' }),
      timestamp: side(UnixSeconds),
      trade_id: side(ObjectId),
      fiat_balance: side(ExactDecimal),
    }),
  ]),
);

const NO_CURRENCY = {
  path: 'params.fiat_id',
  expected: 'fiat_id or fiat_symbol: the wallet that is short',
  found: 'neither',
};

/**
 * Our wallet is short of so much now: somebody has to move money. A repetition is news and no duplicate, and amounts are
 * never added up (vendors.md §3.4); both versions of one request are the same moment, balance and amount.
 */
function topUpRequestEvent(event: string, isDeprecated = false): PartnerEvent {
  return defineRecordedEvent({
    partner: 'bitpanda',
    object: 'top-up',
    ...{ event, isDeprecated },
    body: TopUpRequest,
    id: (body) => currencyOf(body.params) ?? '',
    decidedBy: (body) => (currencyOf(body.params) === null ? ['params.fiat_symbol', 'params.fiat_id'] : []),
    lacks: (body) => (currencyOf(body.params) === null ? NO_CURRENCY : null),
    facts: ({ params: { amount_to_deposit: amount, fiat_balance: balance, timestamp } }) => ({
      amount,
      balance,
      at: timestamp ? isoOf(timestamp) : null,
    }),
    details: ({ params: body }) => ({
      changedAt: body.timestamp ? isoOf(body.timestamp) : null,
      amounts: [
        ['gross', body.amount_to_deposit, unitOfCurrency(body)],
        ['balance', body.fiat_balance, unitOfCurrency(body)],
      ],
      facts: { tradeId: body.trade_id },
    }),
    callToAct: 'top-up-requested',
    duplicateKey: ({ params: { timestamp, fiat_balance: balance, amount_to_deposit: amount } }) =>
      timestamp ? { key: `top-up-request:${timestamp}:${balance ?? ''}:${amount}`, says: [] } : null,
  });
}

/**
 * Events of our own money at Bitpanda. Each comes in two versions that are one event; the one without `-v2` is deprecated.
 * A new one is one entry here.
 */
export const settlementEvents: readonly PartnerEvent[] = [
  // A payout to us is on its way.
  sendMoneyEvent('send-money', true),
  // It was initiated, not yet received.
  successEvent('send-money-success', 'send-money-success', true),
  successEvent('send-money-success-v2', 'send-money-success'),
  sendMoneyEvent('send-money-v2'),
  // Our wallet is short.
  topUpRequestEvent('top-up-request', true),
  topUpRequestEvent('top-up-request-v2'),
  // Our deposit arrived.
  successEvent('top-up-success', 'top-up-success', true),
  successEvent('top-up-success-v2', 'top-up-success'),
];
