import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

const BEARER = /^Bearer +([\x21-\x7e]+) *$/i;

/**
 * A lookup of the owner of a token; null for an unknown one. All digests are compared every time, at equal length, so
 * that the time it takes says nothing about any token.
 */
export function createTokenLookup(tokens: ReadonlyMap<string, string>): (token: string) => string | null {
  const known = Array.from(tokens, ([who, token]) => ({ who, expected: digest(token) }));
  return (token) => {
    const found = digest(token);
    const matching = known.filter(({ expected }) => timingSafeEqual(expected, found));
    return matching[0]?.who ?? null;
  };
}

/** A check of the token of a request: its owner, null for no token or an unknown one. */
export function createTokenCheck(
  tokens: ReadonlyMap<string, string>,
): (request: Pick<IncomingMessage, 'headersDistinct'>) => string | null {
  const whose = createTokenLookup(tokens);
  return (request) => {
    const given = request.headersDistinct.authorization ?? [];
    const token = given.length === 1 ? BEARER.exec(given[0] ?? '')?.[1] : undefined;
    const who = whose(token ?? '');
    return token === undefined ? null : who;
  };
}
