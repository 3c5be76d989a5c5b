import { randomBytes } from 'node:crypto';

import fc from 'fast-check';

import {
  CannotOpen,
  createSealing,
  type EncryptionKey,
  IN_CLEAR,
  openJson,
  sealJson,
} from '../../src/store/encryption';

const NEW: EncryptionKey = { id: 'new', key: randomBytes(32) };
const OLD: EncryptionKey = { id: 'old', key: randomBytes(32) };

const isAnything = (opened: unknown): opened is object => typeof opened === 'object';

function refusalOf(work: () => unknown): CannotOpen {
  try {
    work();
  } catch (error) {
    if (error instanceof CannotOpen) return error;
    throw error;
  }
  throw new Error('it opened');
}

describe('sealing', () => {
  it('opens any bytes as they were, under whichever of the configured keys sealed them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5_000 }), fc.string(), (bytes, place) => {
        const sealed = createSealing([OLD]).seal(Buffer.from(bytes), place);
        expect(createSealing([NEW, OLD]).open(sealed, place)).toEqual(Buffer.from(bytes));
      }),
      { numRuns: 200 },
    );
  });

  it('shows nothing of what it seals, and never seals the same twice alike', () => {
    const sealing = createSealing([NEW]);
    const clear = Buffer.from('Erika Mustermann, Heidestrasse 17');
    const sealed = Array.from({ length: 2_000 }, () => sealing.seal(clear, 'here').bytes.toString('latin1'));
    expect(new Set(sealed).size).toBe(2_000);
    for (const bytes of sealed) expect(bytes).not.toContain('Erika');
  });

  it('does not open what was changed anywhere, cut short, or moved to another place', () => {
    const sealing = createSealing([NEW]);
    const { bytes, keyName } = sealing.seal(Buffer.from('{"amount":"1"}'), 'delivery 1');
    for (let index = 0; index < bytes.length; index += 1) {
      const changed = Buffer.from(bytes);
      changed[index] = (changed[index] ?? 0) ^ 1;
      expect(refusalOf(() => sealing.open({ bytes: changed, keyName }, 'delivery 1')).reason).toBe('altered');
    }
    for (const length of [0, 5, 27, bytes.length - 1]) {
      const short = { bytes: bytes.subarray(0, length), keyName };
      expect(refusalOf(() => sealing.open(short, 'delivery 1')).reason).toBe('altered');
    }
    expect(refusalOf(() => sealing.open({ bytes, keyName }, 'delivery 2')).reason).toBe('altered');
  });

  it('names the missing key, and tells a wrong key of the right name from a missing one', () => {
    const sealed = createSealing([OLD]).seal(Buffer.from('x'), 'The body of delivery 7');
    const missing = refusalOf(() => createSealing([NEW]).open(sealed, 'The body of delivery 7'));
    expect(missing.message).toBe(
      'The body of delivery 7 cannot be opened: sealed under the key "old", which is not configured.',
    );
    const wrong = createSealing([{ id: 'old', key: randomBytes(32) }]);
    expect(refusalOf(() => wrong.open(sealed, 'The body of delivery 7')).reason).toBe('another-key');
    expect(refusalOf(() => IN_CLEAR.open(sealed, 'The body of delivery 7')).reason).toBe('no-such-key');
  });

  it('opens what a wrong key sealed meanwhile once that key stands beside the right one, under any name', () => {
    const wrong = { id: 'old', key: randomBytes(32) };
    const sealed = createSealing([wrong]).seal(Buffer.from('x'), 'here');
    const mended = createSealing([NEW, OLD, { id: 'wrong-one-of-june', key: wrong.key }]);
    expect(mended.open(sealed, 'here').toString()).toBe('x');
  });

  it('keeps and opens in clear where there is no key, also what looks sealed', () => {
    const bytes = createSealing([NEW]).seal(Buffer.from('x'), 'here').bytes;
    expect(IN_CLEAR.open(IN_CLEAR.seal(bytes, 'here'), 'here')).toEqual(bytes);
    expect(createSealing([NEW]).open({ bytes, keyName: null }, 'here')).toEqual(bytes);
  });

  it('seals JSON in its place, and reads JSON that was kept in clear before', () => {
    const sealing = createSealing([NEW]);
    const json = JSON.stringify([['X-Name', 'Bj\u00f6rn']]);
    const sealed: object = JSON.parse(sealJson(sealing, json, 'here'));
    expect(JSON.stringify(sealed)).not.toContain('Bj');
    expect(openJson(sealing, sealed, 'here', isAnything)).toEqual([['X-Name', 'Bj\u00f6rn']]);
    expect(openJson(sealing, [['a', 'b']], 'here', isAnything)).toEqual([['a', 'b']]);
    expect(sealJson(IN_CLEAR, json, 'here')).toBe(json);
  });
});
