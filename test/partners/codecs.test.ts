import { Decimal } from 'decimal.js';
import fc from 'fast-check';

import { decode } from '../../src/codecs/decode';
import { parseJson } from '../../src/codecs/json';
import { canonicalDecimal } from '../../src/codecs/decimal';
import { ExactDecimal, IdPart, ObjectId } from '../../src/codecs/primitives';
import { decoders } from '../support/partners';

const Exact = Decimal.clone({ precision: 1_000 });

describe('exact decimals', () => {
  const plain = fc
    .tuple(
      fc.constantFrom('', '-', '+'),
      fc.stringMatching(/^\d{1,30}$/),
      fc.stringMatching(/^\d{0,30}$/),
      fc.integer({ min: -40, max: 40 }),
    )
    .map(
      ([sign, whole, part, exponent]) =>
        `${sign}${whole}${part === '' ? '' : `.${part}`}${exponent === 0 ? '' : `e${exponent}`}`,
    );

  test('the canonical form is the same number without exponent, plus sign or trailing zeros', () => {
    fc.assert(
      fc.property(plain, (text) => {
        const canonical = canonicalDecimal(text) ?? '';
        expect(new Exact(canonical).equals(new Exact(text))).toBe(true);
        expect(canonical).toMatch(/^(0|-?(0|[1-9]\d*)(\.\d*[1-9])?)$/);
      }),
      { numRuns: 1_000 },
    );
  });

  test.each(['', 'NaN', 'Infinity', '1,5', '0x10', '1e', '--1', ' 1', '1e99999'])('"%s" is no decimal', (text) => {
    expect(canonicalDecimal(text)).toBeNull();
  });
});

describe('ids', () => {
  test.each([1, 4, 5, 6, 7])('a UUID may be of version %s, and is one whatever its case', (version) => {
    const uuid = `1EC9414C-232A-${version}B00-B3C8-9E6BDECED846`;
    expect(decode(ObjectId, uuid)).toEqual({ ok: true, value: uuid.toLowerCase() });
  });

  test.each([
    ['a', true, true],
    ['a'.repeat(200), true, true],
    ['\u{1F600}'.repeat(200), true, true],
    ['a'.repeat(201), false, false],
    ['', false, false],
    ['a\u007f', false, false],
    ['a\nb', false, false],
    ['\ud800', false, false],
    ['a:b', true, false],
  ])('%j stands alone: %s, and as a part: %s', (id, alone, part) => {
    expect([decode(ObjectId, id).ok, decode(IdPart, id).ok]).toEqual([alone, part]);
  });
});

describe('reading JSON', () => {
  test('what only looks like a number of ours is an object, and no decimal', () => {
    const parsed = parseJson(Buffer.from('{"isLosslessNumber":true,"value":["5"]}'));
    expect(parsed.ok && decode(ExactDecimal, parsed.value)).toMatchObject({ problem: { found: 'object' } });
  });

  test('no partner’s folder throws, whatever JSON it is given', () => {
    const event = fc.constantFrom('trade.created', 'trade.cancelled', 'otc-trade.completed', 'x');
    const field = fc.constantFrom(
      'id',
      'context',
      'orderId',
      'status',
      'validationError',
      'executionData',
      '__proto__',
    );
    const body = fc.dictionary(field, fc.jsonValue());
    fc.assert(
      fc.property(event, body, (name, fields) => {
        const bytes = Buffer.from(JSON.stringify({ ...fields, event: name }));
        for (const decoder of Object.values(decoders)) {
          const decoding = decoder.decode('digital-asset-order-notification', bytes, 'a-delivery');
          expect(decoding.ok ? '' : decoding.problem.path).toEqual(expect.any(String));
        }
      }),
    );
  });

  test('never throws, whatever the bytes are', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 200 }),
          fc.json().map((text) => Buffer.from(text)),
        ),
        (bytes) => {
          const result = parseJson(bytes);
          expect(result.ok ? typeof result.value : result.problem.path).toBe(result.ok ? 'object' : 'body');
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test('a key that stands twice with different values is refused rather than one of them believed', () => {
    expect(parseJson(Buffer.from('{"status":"FILLED","status":"REJECTED"}')).ok).toBe(false);
  });
});
