import { createCipheriv, createDecipheriv, createHash, createSecretKey, randomFillSync } from 'node:crypto';

/** Key of AES-256: 32 bytes, and the name that an operator gave it (letters, digits, `_`, `-`). */
export interface EncryptionKey {
  readonly id: string;
  readonly key: Buffer;
}

/** Bytes as they are stored; `keyName` is the stored name of the key that encrypted them, null for bytes in clear. */
export interface StoredBytes {
  readonly bytes: Buffer;
  readonly keyName: string | null;
}

/** Encrypted JSON, as it is stored in the place of the JSON itself. */
export interface EncryptedJson {
  readonly keyName: string;
  /** Base64 of the encrypted bytes. */
  readonly sealed: string;
}

/**
 * Encryption of stored bytes by AES-256-GCM. `boundTo` names the place of the bytes (a delivery's id and the part of
 * it), and is authenticated with them: bytes that were moved to another row cannot be decrypted.
 */
export interface Encryption {
  /** Stored name of the newest key; null where everything is kept in clear. */
  readonly newest: string | null;
  /** True where the key of this stored name is configured. */
  readonly knows: (keyName: string) => boolean;
  encrypt(clear: Buffer, boundTo: string): StoredBytes;
  /** Bytes in clear; bytes that are stored in clear are returned unchanged. Throws `DecryptionError`. */
  decrypt(stored: StoredBytes, boundTo: string): Buffer;
}

/** Failure to decrypt: the key is not configured, or the bytes are not those that were written. */
export class DecryptionError extends Error {
  constructor(
    /** Name that an operator gave the key. */
    readonly keyId: string,
    readonly reason: 'no-such-key' | 'another-key' | 'altered',
    what: string,
  ) {
    super(`${what} ${sentenceOf(keyId, reason)}`);
    this.name = 'DecryptionError';
  }
}

/** Name that an operator gave the key of a stored key name. */
export function keyIdOf(keyName: string): string {
  return keyName.split('.')[0] ?? keyName;
}

/** Fingerprint of the key in a stored key name. */
function fingerprintIn(keyName: string): string {
  return keyName.split('.')[1] ?? '';
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

/** Encryption where no key is configured: everything is kept in clear, and encrypted bytes throw `DecryptionError`. */
export const IN_CLEAR: Encryption = {
  newest: null,
  knows: () => false,
  encrypt: (bytes) => ({ bytes, keyName: null }),
  decrypt({ bytes, keyName }, boundTo) {
    if (keyName !== null) throw new DecryptionError(keyIdOf(keyName), 'no-such-key', boundTo);
    return bytes;
  },
};

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Encryption with the first of the keys, which decrypts what any of them encrypted, and what was kept in clear. */
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
    knows: (keyName) => known.has(fingerprintIn(keyName)),
    encrypt(clear, boundTo) {
      const nonce = nextNonce();
      const cipher = createCipheriv(ALGORITHM, encryptionKey, nonce).setAAD(Buffer.from(boundTo));
      const bytes = Buffer.concat([nonce, cipher.update(clear), cipher.final(), cipher.getAuthTag()]);
      return { bytes, keyName: newestName };
    },
    decrypt({ bytes, keyName }, boundTo) {
      if (keyName === null) return bytes;
      const keyId = keyIdOf(keyName);
      const key = known.get(fingerprintIn(keyName));
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

/**
 * Fingerprint of a key's bytes. A key is recognised by its bytes and not by its name alone: a wrong key under the
 * right name is noticed, and what it encrypted can be decrypted once it is configured beside the right one, under any
 * name.
 */
function fingerprintOf(key: Buffer): string {
  return createHash('sha256').update('partnerflow encryption key').update(key).digest('hex').slice(0, 16);
}

/**
 * Size of the pool of random bytes. They are fetched for many nonces at once, because one by one they cost as much as
 * the encryption.
 */
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

/** JSON as it is stored: encrypted, or unchanged where no key is configured. */
export function encryptJson(encryption: Encryption, json: string, boundTo: string): string {
  if (encryption.newest === null) return json;
  const { bytes, keyName } = encryption.encrypt(Buffer.from(json), boundTo);
  return JSON.stringify({ keyName, sealed: bytes.toString('base64') });
}

/** True when stored JSON is encrypted. */
export function isEncryptedJson(value: object): value is EncryptedJson {
  return 'sealed' in value && 'keyName' in value && typeof value.sealed === 'string';
}

/** JSON in clear; JSON that is stored in clear is returned unchanged. Throws `DecryptionError`. */
export function decryptJson<T extends object>(
  encryption: Encryption,
  value: T | EncryptedJson,
  boundTo: string,
  isExpected: (clear: unknown) => clear is T,
): T {
  if (!isEncryptedJson(value)) return value;
  const bytes = encryption.decrypt({ bytes: Buffer.from(value.sealed, 'base64'), keyName: value.keyName }, boundTo);
  const clear: unknown = JSON.parse(bytes.toString('utf8'));
  if (!isExpected(clear)) throw new DecryptionError(keyIdOf(value.keyName), 'altered', boundTo);
  return clear;
}

/** Place that a delivery's body is bound to. A change of this text would make every stored body undecryptable. */
export function bodyBinding(deliveryId: string): string {
  return `The body of delivery ${deliveryId}`;
}

/** Place that a delivery's headers are bound to. A change of this text would make all stored headers undecryptable. */
export function headersBinding(deliveryId: string): string {
  return `The headers of delivery ${deliveryId}`;
}

/** Place that a message's data is bound to. A change of this text would make all of them undecryptable. */
export function messageBinding(messageId: string): string {
  return `The data of message ${messageId}`;
}

/**
 * Place that the kept raw of a rejected request is bound to. A change of this text would make all of them
 * undecryptable.
 */
export function rawBinding(rejectionId: string): string {
  return `The kept raw of refused request ${rejectionId}`;
}

/** Place that a subject's reference is bound to. A change of this text would make all stored references undecryptable. */
export function referenceBinding(workflowId: string): string {
  return `The reference of subject ${workflowId}`;
}

/** Place that a subject's read object is bound to. A change of this text would make all of them undecryptable. */
export function objectBinding(workflowId: string): string {
  return `The read object of subject ${workflowId}`;
}
