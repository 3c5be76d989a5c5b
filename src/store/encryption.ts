import { createCipheriv, createDecipheriv, createHash, createSecretKey, randomFillSync } from 'node:crypto';

/** A key of AES-256: 32 bytes, and the name an operator gave it (letters, digits, `_`, `-`). */
export interface EncryptionKey {
  readonly id: string;
  readonly key: Buffer;
}

/** Bytes as they are stored; `keyName` says what sealed them, null for bytes in clear. */
export interface Stored {
  readonly bytes: Buffer;
  readonly keyName: string | null;
}

/** JSON that is sealed, in the place of the JSON itself. */
export interface EncryptedJson {
  readonly keyName: string;
  /** Base64. */
  readonly sealed: string;
}

/**
 * Seals what is stored, by AES-256-GCM. `boundTo` says where the bytes belong (a delivery's id and what of it): bytes
 * that were moved to another row do not open.
 */
export interface Encryption {
  /** What the newest key is called in the store; null where everything is kept in clear. */
  readonly newest: string | null;
  encrypt(clear: Buffer, boundTo: string): Stored;
  /** Throws `DecryptionError`; bytes in clear are answered as they are. */
  decrypt(stored: Stored, boundTo: string): Buffer;
}

/** Sealed bytes that stay closed: their key is not configured, or they are not what was sealed. */
export class DecryptionError extends Error {
  constructor(
    /** The name an operator gave the key. */
    readonly keyId: string,
    readonly reason: 'no-such-key' | 'another-key' | 'altered',
    what: string,
  ) {
    super(`${what} ${sentenceOf(keyId, reason)}`);
    this.name = 'DecryptionError';
  }
}

function sentenceOf(keyId: string, reason: DecryptionError['reason']): string {
  switch (reason) {
    case 'no-such-key':
      return `cannot be decrypted: encrypted with the key "${keyId}", which is not configured.`;
    case 'another-key':
      return `cannot be decrypted: encrypted with the key "${keyId}", and the key configured by that name is another one.`;
    case 'altered':
      return `cannot be decrypted: encrypted with the key "${keyId}", which is configured; the bytes are not those that were written.`;
  }
}

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Random bytes are fetched for many nonces at once: one by one they cost as much as the sealing. */
const POOL_BYTES = NONCE_BYTES * 512;

function createNonces(): () => Buffer {
  const pool = Buffer.alloc(POOL_BYTES);
  let used = POOL_BYTES;
  return () => {
    if (used === POOL_BYTES) {
      randomFillSync(pool);
      used = 0;
    }
    used += NONCE_BYTES;
    return pool.subarray(used - NONCE_BYTES, used);
  };
}

/**
 * A key is found again by its bytes, never by its name alone: a wrong key under the right name is told from the right
 * one, and what it sealed meanwhile opens once it is configured beside it, under whatever name.
 */
function fingerprintOf(key: Buffer): string {
  return createHash('sha256').update('partnerflow encryption key').update(key).digest('hex').slice(0, 16);
}

/** The name an operator gave the key that a stored name stands for. */
export function keyIdOf(keyName: string): string {
  return keyName.split('.')[0] ?? keyName;
}

/** Keeps everything in clear, and opens what is in clear. */
export const IN_CLEAR: Encryption = {
  newest: null,
  encrypt: (bytes) => ({ bytes, keyName: null }),
  decrypt({ bytes, keyName }, boundTo) {
    if (keyName !== null) throw new DecryptionError(keyIdOf(keyName), 'no-such-key', boundTo);
    return bytes;
  },
};

/** Seals under the first key, opens what any of them sealed, and what was kept in clear. */
export function createEncryption(keys: readonly EncryptionKey[] | null): Encryption {
  const [newest] = keys ?? [];
  if (keys === null || newest === undefined) return IN_CLEAR;
  const known = new Map(keys.map(({ key }) => [fingerprintOf(key), createSecretKey(key)]));
  const ids = new Set(keys.map(({ id }) => id));
  const newestName = `${newest.id}.${fingerprintOf(newest.key)}`;
  const encryptionKey = createSecretKey(newest.key);
  const nextNonce = createNonces();
  return {
    newest: newestName,
    encrypt(clear, boundTo) {
      const nonce = nextNonce();
      const cipher = createCipheriv(ALGORITHM, encryptionKey, nonce).setAAD(Buffer.from(boundTo));
      const bytes = Buffer.concat([nonce, cipher.update(clear), cipher.final(), cipher.getAuthTag()]);
      return { bytes, keyName: newestName };
    },
    decrypt({ bytes, keyName }, boundTo) {
      if (keyName === null) return bytes;
      const keyId = keyIdOf(keyName);
      const key = known.get(keyName.split('.')[1] ?? '');
      if (key === undefined) throw new DecryptionError(keyId, ids.has(keyId) ? 'another-key' : 'no-such-key', boundTo);
      try {
        const tagStart = bytes.length - TAG_BYTES;
        const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
        decipher.setAAD(Buffer.from(boundTo)).setAuthTag(bytes.subarray(tagStart));
        return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, tagStart)), decipher.final()]);
      } catch {
        throw new DecryptionError(keyId, 'altered', boundTo);
      }
    },
  };
}

/** JSON as it is stored: sealed, or as it was given where nothing is sealed. */
export function encryptJson(encryption: Encryption, json: string, boundTo: string): string {
  if (encryption.newest === null) return json;
  const { bytes, keyName } = encryption.encrypt(Buffer.from(json), boundTo);
  return JSON.stringify({ keyName, sealed: bytes.toString('base64') });
}

/** True for JSON that stands sealed in its place. */
export function isEncryptedJson(value: object): value is EncryptedJson {
  return 'sealed' in value && 'keyName' in value && typeof value.sealed === 'string';
}

/** Opens JSON that was sealed; what was kept in clear is answered as it is. Throws `DecryptionError`. */
export function decryptJson<T extends object>(
  encryption: Encryption,
  value: T | EncryptedJson,
  boundTo: string,
  isExpected: (opened: unknown) => opened is T,
): T {
  if (!isEncryptedJson(value)) return value;
  const clear = encryption.decrypt({ bytes: Buffer.from(value.sealed, 'base64'), keyName: value.keyName }, boundTo);
  const opened: unknown = JSON.parse(clear.toString('utf8'));
  if (!isExpected(opened)) throw new DecryptionError(keyIdOf(value.keyName), 'altered', boundTo);
  return opened;
}

/** What a delivery's body is bound to. */
export function bodyBinding(deliveryId: string): string {
  return `The body of delivery ${deliveryId}`;
}

/** What a delivery's headers are bound to. */
export function headersBinding(deliveryId: string): string {
  return `The headers of delivery ${deliveryId}`;
}

/** What the kept raw of a refused request is bound to. */
export function rawBinding(rejectionId: string): string {
  return `The kept raw of refused request ${rejectionId}`;
}
