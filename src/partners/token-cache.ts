import * as t from 'io-ts';

import { ExactDecimal, Text } from '../codecs/primitives';

/** What a token endpoint answers (RFC 6749). */
export const TokenAnswer = t.type({ access_token: Text, expires_in: ExactDecimal });

interface CachedToken {
  readonly value: Promise<string>;
  expiresAtMs: number;
}

/** Tokens by owner, each fetched once however many ask at the same time. */
export interface TokenCache {
  token(owner: string, fetch: () => Promise<t.TypeOf<typeof TokenAnswer>>): Promise<string>;
  /** The partner refused this token: the next caller fetches a new one. */
  drop(owner: string, refused: string): Promise<void>;
}

/** A token is given up this long before it expires, so that it does not expire on its way. */
const EARLY_MS = 5_000;
const MOST_OWNERS = 10_000;

/** Creates an empty cache; the oldest owner makes room when there are too many. */
export function createTokenCache(): TokenCache {
  const cached = new Map<string, CachedToken>();
  const start = (owner: string, fetch: () => Promise<t.TypeOf<typeof TokenAnswer>>): CachedToken => {
    const entry: CachedToken = {
      expiresAtMs: Number.POSITIVE_INFINITY,
      value: fetch().then(
        (answer) => {
          const lifeMs = Number(answer.expires_in) * 1000;
          entry.expiresAtMs = Date.now() + Math.max(lifeMs / 2, lifeMs - EARLY_MS);
          return answer.access_token;
        },
        (error: unknown) => {
          cached.delete(owner);
          throw error;
        },
      ),
    };
    cached.set(owner, entry);
    const oldest = cached.size > MOST_OWNERS ? cached.keys().next().value : undefined;
    if (oldest !== undefined) cached.delete(oldest);
    return entry;
  };
  return {
    async token(owner, fetch) {
      const known = cached.get(owner);
      const entry = known !== undefined && known.expiresAtMs > Date.now() ? known : start(owner, fetch);
      return entry.value;
    },
    async drop(owner, refused) {
      const known = cached.get(owner);
      if (known !== undefined && (await known.value) === refused && cached.get(owner) === known) cached.delete(owner);
    },
  };
}
