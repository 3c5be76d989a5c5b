import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

import type { IncomingRequest } from './authentication';

type HeaderPairs = IncomingRequest['rawHeaders'];

/** Credentials by the standard; partners add their own. */
const ALWAYS_SECRET: ReadonlySet<string> = new Set(['authorization', 'proxy-authorization', 'cookie']);
const SALT_BYTES = 16;
const DIGESTED = /^hmac-sha256:([0-9a-f]{32}):([0-9a-f]{64})$/;

/** Name under which the address of a refused request is kept, where its partner's are limited; no header is called so. */
export const CLIENT_ADDRESS = '@client-address';

/** Text in the place of a value that is never kept. */
export const REDACTED = '[redacted]';

/** Headers as they are kept: credentials are never stored, signatures are evidence and stay. */
export function redactHeaders(pairs: HeaderPairs, credentialHeaders: readonly string[]): HeaderPairs {
  return pairs.map((pair) => {
    const name = pair[0].toLowerCase();
    return ALWAYS_SECRET.has(name) || credentialHeaders.includes(name) ? [pair[0], REDACTED] : pair;
  });
}

function digestOf(value: string, salt: string): Buffer {
  return createHmac('sha256', salt).update(value, 'latin1').digest();
}

/**
 * Headers of a refused request: the partner's credentials as `hmac-sha256:<salt>:<digest>` of the value, which is enough
 * to verify the request again once a key that was set wrongly is set right, and tells nobody what was sent.
 */
export function fingerprintHeaders(pairs: HeaderPairs, credentialHeaders: readonly string[]): HeaderPairs {
  const salt = randomBytes(SALT_BYTES).toString('hex');
  return pairs.map(([name, value]) => {
    const lower = name.toLowerCase();
    if (credentialHeaders.includes(lower))
      return [name, `hmac-sha256:${salt}:${digestOf(value, salt).toString('hex')}`];
    return [name, ALWAYS_SECRET.has(lower) ? REDACTED : value];
  });
}

/** True for a value of `fingerprintHeaders`. */
export function isDigested(value: string): boolean {
  return DIGESTED.test(value);
}

/**
 * Value among those given (as they are on the wire, one character a byte) that a kept digest belongs to; null: none
 * of them.
 */
export function valueOfDigest(digested: string, values: readonly string[]): string | null {
  const [, salt, digest] = DIGESTED.exec(digested) ?? [];
  if (salt === undefined || digest === undefined) return null;
  const kept = Buffer.from(digest, 'hex');
  return values.find((value) => timingSafeEqual(digestOf(value, salt), kept)) ?? null;
}
