import { Client } from 'pg';

import { canonicalDecimal } from '../../src/codecs/decimal';
import { decoders } from '../support/partners';
import type { Decoding } from '../../src/partners/event';
import { paramsOf } from '../corporate-actions/movements';
import { testServers } from '../support/servers';

const ORDER_ID = '123e4567-e89b-12d3-a456-426614174000';

function tradevest(fields: string): Decoding {
  const body = Buffer.from(`{"orderId":"${ORDER_ID}",${fields}}`);
  return decoders.tradevest.decode('digital-asset-order-notification', body, 'a-delivery');
}

function coinify(fields: string): Decoding {
  return decoders.coinify.decode('coinify', Buffer.from(`{${fields}}`), 'a-delivery');
}

function bitpanda(field: string, word: string): Decoding {
  const text = JSON.stringify({ params: paramsOf({ caId: ORDER_ID, userId: ORDER_ID, amount: '1' }) });
  const changed = text.replace(new RegExp(`"${field}":"[a-z]+"`), `"${field}":"${word.replaceAll('$', '$$$$')}"`);
  expect(changed).not.toBe(text);
  return decoders.bitpanda.decode('corporate-actions', Buffer.from(changed), 'a-delivery');
}

/** What decoding says of a delivery is kept as `jsonb`, which refuses U+0000 and half a surrogate pair. */
const UNSTORABLE = [
  ['a null character', '\\u0000'],
  ['a first half of a pair', '\\ud800'],
  ['a second half of a pair', '\\udc00x'],
  ['a pair where a shown word is cut', `${'a'.repeat(99)}\\ud83d\\ude00`],
] as const;

describe('what JSON can spell and PostgreSQL cannot keep', () => {
  const client = new Client({ connectionString: testServers().databaseUrl });
  beforeAll(() => client.connect());
  afterAll(() => client.end());

  test.each(UNSTORABLE)(
    '%s in any word leaves something storable: else its whole batch stays pending',
    async (_, word) => {
      const decodings = [
        tradevest(`"status":"${word}"`),
        tradevest(`"status":"FILLED","notificationType":"${word}"`),
        tradevest(`"status":"FILLED","validationError":{"errorType":"${word}"}`),
        tradevest(`"status":"FILLED","modifiedOn":"${word}"`),
        bitpanda('direction', word),
        bitpanda('asset_group', word),
        coinify(`"id":"1","event":"${word}","context":{}`),
        coinify(`"id":"1","event":"trade.cancelled","context":{"id":"${word}","traderId":"2"}`),
        coinify(`"id":"1","event":"trade.cancelled","context":{"id":"1","traderId":"${word}"}`),
        coinify(`"id":"${word}","event":"trade.cancelled","context":{"id":"1","traderId":"2"}`),
      ];
      for (const decoding of decodings) {
        const { rows } = await client.query('SELECT $1::jsonb AS kept', [JSON.stringify(decoding)]);
        expect(rows).toEqual([{ kept: decoding }]);
      }
    },
  );
});

test('a number longer than any amount is no decimal: else the sender would decide how long a comparison takes', () => {
  expect(canonicalDecimal('1'.repeat(1_000))).toBe('1'.repeat(1_000));
  expect(canonicalDecimal('1'.repeat(1_001))).toBeNull();
});
