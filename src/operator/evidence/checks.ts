import { createHash } from 'node:crypto';

import type { Check } from '../../partners/evidence';
import type { KeptDelivery } from '../../store/deliveries/load';

function shortest(hash: Buffer): string {
  return `SHA-256 ${hash.toString('hex')}`;
}

function goneBecause({ bodyState, erasedAt }: KeptDelivery): string {
  if (bodyState !== 'removed') return 'cannot be decrypted';
  return erasedAt === null
    ? 'was removed by retention'
    : `and what headers say of a person were erased at ${erasedAt.toISOString()}`;
}

/** Checks that an erasure makes impossible: what was signed is not there any more. */
export function afterErasure(checks: readonly Check[], { erasedAt }: KeptDelivery): readonly Check[] {
  if (erasedAt === null) return checks;
  const says = 'What was signed was erased with a person; the verdict of reception stands.';
  return checks.map((one) => (one.result === 'fails' ? { check: one.check, result: 'not-possible', says } : one));
}

/** Are the stored bytes the ones that were received? */
export function checkBytes(kept: KeptDelivery): readonly Check[] {
  const { body, bodySha256, bodyBytes, sealedUnder, bodyState, headersAltered } = kept;
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
      return {
        check: 'hash',
        result: 'not-possible',
        says: `The body ${goneBecause(kept)}; kept is its ${shortest(bodySha256)}.`,
      };
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
