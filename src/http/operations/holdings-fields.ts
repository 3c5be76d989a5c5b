import * as t from 'io-ts';

import { showing } from '../../codecs/decode';
import {
  type HoldingField,
  instrumentField,
  momentField,
  partnerField,
  referenceField,
  tradedAmountField,
  userField,
} from '../../codecs/holdings';
import { shortList } from '../../codecs/primitives';
import type { Partner } from '../../domain/partner';
import type { TradeLine } from '../../store/ledger/trades';
import type { Schema } from './fields';

/** Trade as a request tells it. */
export type ToldTrade = Omit<TradeLine, 'line'>;

const MOST_TRADES = 1_000;

/** The field of a request that holds trades. */
export function tradesField(partners: readonly Partner[]) {
  const fields = {
    partner: showing(fieldOf(partnerField(partners))),
    userId: fieldOf(userField),
    instrument: showing(fieldOf(instrumentField)),
    amount: showing(fieldOf(tradedAmountField)),
    tradedAt: showing(fieldOf(momentField)),
    reference: fieldOf(referenceField),
  };
  const properties = Object.fromEntries(Object.entries(fields).map(([name, { schema }]) => [name, schema]));
  const schema: Schema = {
    type: 'array',
    maxItems: MOST_TRADES,
    items: { type: 'object', properties, required: Object.keys(properties) },
  };
  return Object.assign(shortList(t.type(fields), MOST_TRADES), { schema });
}

/** The body with the list of trades: a list alone, or one trade alone, is what a client may well send. */
export function withTrades(given: unknown): unknown {
  if (Array.isArray(given)) return { trades: given };
  return typeof given === 'object' && given !== null && 'reference' in given ? { trades: [given] } : given;
}

/** The fields of our word on a partner's holdings. */
export function wordFields(partners: readonly Partner[]) {
  return { partner: showing(fieldOf(partnerField(partners))), through: showing(fieldOf(momentField)) };
}

/** A field of a request that takes a text as a file's reader does. */
function fieldOf({ expected, read }: HoldingField) {
  const codec = new t.Type<string, string, unknown>(
    expected,
    t.string.is,
    (given, context) => {
      const value = typeof given === 'string' ? read(given) : null;
      return value === null ? t.failure(given, context, expected) : t.success(value);
    },
    t.identity,
  );
  const schema: Schema = { type: 'string', description: expected };
  return Object.assign(codec, { schema });
}
