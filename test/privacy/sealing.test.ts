import { randomBytes } from 'node:crypto';

import fc from 'fast-check';

import {
  DecryptionError,
  createEncryption,
  type EncryptionKey,
  IN_CLEAR,
  decryptJson,
  encryptJson,
} from '../../src/store/encryption';

const NEW: EncryptionKey = { id: 'new', key: randomBytes(32) };
const OLD: EncryptionKey = { id: 'old', key: randomBytes(32) };

const isAnything = (opened: unknown): opened is object => typeof opened === 'object';

function refusalOf(work: () => unknown): DecryptionError {
  try {
    work();
  } catch (error) {
    if (error instanceof DecryptionError) return error;
    throw error;
  }
  throw new Error('it opened');
}

describe('sealing', () => {
  it('opens any bytes as they were, under whichever of the configured keys sealed them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5_000 }), fc.string(), (bytes, place) => {
        const sealed = createEncryption([OLD]).encrypt(Buffer.from(bytes), place);
        expect(createEncryption([NEW, OLD]).decrypt(sealed, place)).toEqual(Buffer.from(bytes));
      }),
      { numRuns: 200 },
    );
  });

  it('shows nothing of what it seals, and never seals the same twice alike', () => {
    const encryption = createEncryption([NEW]);
    const clear = Buffer.from('Erika Mustermann, Heidestrasse 17');
    const sealed = Array.from({ length: 2_000 }, () => encryption.encrypt(clear, 'here').bytes.toString('latin1'));
    expect(new Set(sealed).size).toBe(2_000);
    for (const bytes of sealed) expect(bytes).not.toContain('Erika');
  });

  it('does not open what was changed anywhere, cut short, or moved to another place', () => {
    const encryption = createEncryption([NEW]);
    const { bytes, keyName } = encryption.encrypt(Buffer.from('{"amount":"1"}'), 'delivery 1');
    for (let index = 0; index < bytes.length; index += 1) {
      const changed = Buffer.from(bytes);
      changed[index] = (changed[index] ?? 0) ^ 1;
      expect(refusalOf(() => encryption.decrypt({ bytes: changed, keyName }, 'delivery 1')).reason).toBe('altered');
    }
    for (const length of [0, 5, 27, bytes.length - 1]) {
      const short = { bytes: bytes.subarray(0, length), keyName };
      expect(refusalOf(() => encryption.decrypt(short, 'delivery 1')).reason).toBe('altered');
    }
    expect(refusalOf(() => encryption.decrypt({ bytes, keyName }, 'delivery 2')).reason).toBe('altered');
  });

  it('names the missing key, and tells a wrong key of the right name from a missing one', () => {
    const sealed = createEncryption([OLD]).encrypt(Buffer.from('x'), 'The body of delivery 7');
    const missing = refusalOf(() => createEncryption([NEW]).decrypt(sealed, 'The body of delivery 7'));
    expect(missing.message).toBe(
      'The body of delivery 7 cannot be decrypted: encrypted with the key "old", which is not configured.',
    );
    const wrong = createEncryption([{ id: 'old', key: randomBytes(32) }]);
    expect(refusalOf(() => wrong.decrypt(sealed, 'The body of delivery 7')).reason).toBe('another-key');
    expect(refusalOf(() => IN_CLEAR.decrypt(sealed, 'The body of delivery 7')).reason).toBe('no-such-key');
  });

  it('opens what a wrong key sealed meanwhile once that key stands beside the right one, under any name', () => {
    const wrong = { id: 'old', key: randomBytes(32) };
    const sealed = createEncryption([wrong]).encrypt(Buffer.from('x'), 'here');
    const mended = createEncryption([NEW, OLD, { id: 'wrong-one-of-june', key: wrong.key }]);
    expect(mended.decrypt(sealed, 'here').toString()).toBe('x');
  });

  it('keeps and opens in clear where there is no key, also what looks sealed', () => {
    const bytes = createEncryption([NEW]).encrypt(Buffer.from('x'), 'here').bytes;
    expect(IN_CLEAR.decrypt(IN_CLEAR.encrypt(bytes, 'here'), 'here')).toEqual(bytes);
    expect(createEncryption([NEW]).decrypt({ bytes, keyName: null }, 'here')).toEqual(bytes);
  });

  it('seals JSON in its place, and reads JSON that was kept in clear before', () => {
    const encryption = createEncryption([NEW]);
    const json = JSON.stringify([['X-Name', 'Bj\u00f6rn']]);
    const sealed: object = JSON.parse(encryptJson(encryption, json, 'here'));
    expect(JSON.stringify(sealed)).not.toContain('Bj');
    expect(decryptJson(encryption, sealed, 'here', isAnything)).toEqual([['X-Name', 'Bj\u00f6rn']]);
    expect(decryptJson(encryption, [['a', 'b']], 'here', isAnything)).toEqual([['a', 'b']]);
    expect(encryptJson(IN_CLEAR, json, 'here')).toBe(json);
  });
});
