import * as t from 'io-ts';

import { ExactDecimal, Text } from '../codecs/primitives';
import { ReadFailure } from './reading';

/** Response of a token endpoint (RFC 6749). */
export const TokenAnswer = t.type({ access_token: Text, expires_in: ExactDecimal });

interface CachedToken {
  readonly value: Promise<string>;
  /** Null until it has come. */
  text: string | null;
  expiresAtMs: number;
}

/** Tokens by owner, each fetched once however many ask at the same time. */
export interface TokenCache {
  /** Waits no longer than the caller's signal allows; the fetch itself goes on for the others. Throws `ReadFailure`. */
  token(owner: string, fetch: () => Promise<t.TypeOf<typeof TokenAnswer>>, signal: AbortSignal): Promise<string>;
  /** The partner refused this token: the next caller fetches a new one. A newer token than the refused one stays. */
  drop(owner: string, refused: string): void;
}

/** A token is given up this long before it expires, so that it does not expire on its way. */
const EARLY_MS = 5_000;
const MOST_OWNERS = 10_000;

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const giveUp = () => reject(new ReadFailure('timeout', 'the token endpoint gave no answer'));
    if (signal.aborted) giveUp();
    else signal.addEventListener('abort', giveUp, { once: true });
  });
}

/** Creates an empty cache; the oldest owner makes room when there are too many. */
export function createTokenCache(): TokenCache {
  const cached = new Map<string, CachedToken>();
  const start = (owner: string, fetch: () => Promise<t.TypeOf<typeof TokenAnswer>>): CachedToken => {
    const entry: CachedToken = {
      text: null,
      expiresAtMs: Number.POSITIVE_INFINITY,
      value: fetch().then(
        (answer) => {
          const lifeMs = Number(answer.expires_in) * 1000;
          entry.expiresAtMs = Date.now() + Math.max(lifeMs / 2, lifeMs - EARLY_MS);
          entry.text = answer.access_token;
          return answer.access_token;
        },
        (error: unknown) => {
          if (cached.get(owner) === entry) cached.delete(owner);
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
    async token(owner, fetch, signal) {
      const known = cached.get(owner);
      const entry = known !== undefined && known.expiresAtMs > Date.now() ? known : start(owner, fetch);
      return Promise.race([entry.value, aborted(signal)]);
    },
    drop(owner, refused) {
      if (cached.get(owner)?.text === refused) cached.delete(owner);
    },
  };
}
