import { headersPlace, openJson, rawPlace, type SealedJson, type Encryption } from '../encryption';
import type { HeaderPairs, RawRejection } from './tables';

function isPair(value: unknown): value is readonly [string, string] {
  return Array.isArray(value) && value.length === 2 && value.every((one) => typeof one === 'string');
}

function isHeaderPairs(value: unknown): value is HeaderPairs {
  return Array.isArray(value) && value.every(isPair);
}

function isRawRejection(value: unknown): value is RawRejection {
  if (typeof value !== 'object' || value === null || !('headers' in value) || !('bodyBase64' in value)) return false;
  return isHeaderPairs(value.headers) && typeof value.bodyBase64 === 'string';
}

/** The headers of a delivery, sealed or in clear. Throws `DecryptionError`. */
export function decryptHeaders(
  encryption: Encryption,
  stored: HeaderPairs | SealedJson,
  deliveryId: string,
): HeaderPairs {
  return openJson(encryption, stored, headersPlace(deliveryId), isHeaderPairs);
}

/** What is kept of a refused request, sealed or in clear. Throws `DecryptionError`. */
export function openRaw(encryption: Encryption, stored: RawRejection | SealedJson, rejectionId: string): RawRejection {
  return openJson(encryption, stored, rawPlace(rejectionId), isRawRejection);
}
