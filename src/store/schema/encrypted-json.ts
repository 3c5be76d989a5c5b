import { headersBinding, decryptJson, rawBinding, type EncryptedJson, type Encryption } from '../encryption';
import type { HeaderPairs, RawRejection } from './tables';

/** Headers of a delivery in clear. Throws `DecryptionError`. */
export function decryptHeaders(
  encryption: Encryption,
  stored: HeaderPairs | EncryptedJson,
  deliveryId: string,
): HeaderPairs {
  return decryptJson(encryption, stored, headersBinding(deliveryId), isHeaderPairs);
}

function isHeaderPairs(value: unknown): value is HeaderPairs {
  return Array.isArray(value) && value.every(isPair);
}

function isPair(value: unknown): value is readonly [string, string] {
  return Array.isArray(value) && value.length === 2 && value.every((one) => typeof one === 'string');
}

/** Kept raw of a rejected request in clear. Throws `DecryptionError`. */
export function decryptRaw(
  encryption: Encryption,
  stored: RawRejection | EncryptedJson,
  rejectionId: string,
): RawRejection {
  return decryptJson(encryption, stored, rawBinding(rejectionId), isRawRejection);
}

function isRawRejection(value: unknown): value is RawRejection {
  if (typeof value !== 'object' || value === null || !('headers' in value) || !('bodyBase64' in value)) return false;
  return isHeaderPairs(value.headers) && typeof value.bodyBase64 === 'string';
}
