import { Decimal } from 'decimal.js';
import fc from 'fast-check';

import { parseJson } from '../../src/codecs/json';
import { canonicalDecimal } from '../../src/codecs/primitives';

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

describe('reading JSON', () => {
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
