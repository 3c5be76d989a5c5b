import { createHash } from 'node:crypto';

import type { Check } from '../../partners/evidence';
import type { KeptDelivery } from '../../store/deliveries/load';

function shortest(hash: Buffer): string {
  return `SHA-256 ${hash.toString('hex')}`;
}

/** Are the stored bytes the ones that were received? */
export function checkBytes(kept: KeptDelivery): readonly Check[] {
  const { body, bodyState, bodySha256, bodyBytes, sealedUnder, headersAltered } = kept;
  const encryption = (): Check | null => {
    if (bodyState === 'altered' || headersAltered) {
      const what = [...(bodyState === 'altered' ? ['body'] : []), ...(headersAltered ? ['headers'] : [])].join(' and ');
      return {
        check: 'seal',
        result: 'fails',
        says: `The stored ${what} are not the bytes that were written: altered.`,
      };
    }
    if (sealedUnder === null || body === null) return null;
    return { check: 'seal', result: 'holds', says: `Decrypted with the key "${sealedUnder}"; bound to this delivery.` };
  };
  const hash = (): Check => {
    if (body === null) {
      const why = bodyState === 'removed' ? 'was removed by retention' : 'cannot be decrypted';
      return { check: 'hash', result: 'not-possible', says: `The body ${why}; kept is its ${shortest(bodySha256)}.` };
    }
    const found = createHash('sha256').update(body).digest();
    if (found.equals(bodySha256) && body.length === bodyBytes)
      return {
        check: 'hash',
        result: 'holds',
        says: `The ${bodyBytes} stored bytes have the kept ${shortest(found)}.`,
      };
    return {
      check: 'hash',
      result: 'fails',
      says: `The stored bytes were altered: kept ${shortest(bodySha256)}, found ${shortest(found)}.`,
    };
  };
  const decrypted = encryption();
  return decrypted === null ? [hash()] : [decrypted, hash()];
}
