import { createHmac, randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export type HeaderPairs = readonly (readonly [name: string, value: string])[];

/** Credentials by the standard; partners add their own. */
const ALWAYS_SECRET: ReadonlySet<string> = new Set(['authorization', 'proxy-authorization', 'cookie']);
const SALT_BYTES = 16;

/** Names and values as they came, repeated ones apart. */
export function headerPairs({ rawHeaders }: IncomingMessage): HeaderPairs {
  const pairs: (readonly [string, string])[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2)
    pairs.push([rawHeaders[index] ?? '', rawHeaders[index + 1] ?? '']);
  return pairs;
}

/** Headers as they are kept: credentials are never stored, signatures are evidence and stay. */
export function redactHeaders(pairs: HeaderPairs, credentialHeaders: readonly string[]): HeaderPairs {
  return pairs.map((pair) => {
    const name = pair[0].toLowerCase();
    return ALWAYS_SECRET.has(name) || credentialHeaders.includes(name) ? [pair[0], '[redacted]'] : pair;
  });
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
      return [name, `hmac-sha256:${salt}:${createHmac('sha256', salt).update(value, 'latin1').digest('hex')}`];
    return [name, ALWAYS_SECRET.has(lower) ? '[redacted]' : value];
  });
}
