import * as t from 'io-ts';

import { ExactDecimal, optional, Text } from '../../codecs/primitives';
import { callPartner, decodeAnswer, type PartnerAnswer } from '../http-client';
import { TokenAnswer } from '../token-cache';

/** Credentials of a process. */
export interface ClientCredentials {
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly timeoutMs: number;
}

/** First answer of a chain: a refresh token that is good for 24 h and for one use (vendors.md §3.1). */
const FirstAnswer = t.intersection([
  t.type({ refresh_token: Text }),
  t.partial({ access_token: optional(Text), expires_in: optional(ExactDecimal) }),
]);
const NextAnswer = t.intersection([TokenAnswer, t.partial({ refresh_token: optional(Text) })]);

/** Gives the next access token of one chain. Throws `ReadFailure`. */
export type NextToken = () => Promise<t.TypeOf<typeof TokenAnswer>>;

/** A refresh token that was used up, or has run out, is refused so: the chain starts anew. */
const REFUSED = [400, 401, 403];

/**
 * One chain of tokens per process: a refresh token serves once, so two callers must never use the same one. Calls must
 * not overlap; the token cache sees to that.
 */
export function createTokenChain({ tokenUrl, clientId, clientSecret, timeoutMs }: ClientCredentials): NextToken {
  let refreshToken: string | null = null;
  const ask = (form: Readonly<Record<string, string>>): Promise<PartnerAnswer> =>
    callPartner({
      method: 'POST',
      url: tokenUrl,
      form: { ...form, client_id: clientId, client_secret: clientSecret },
      signal: AbortSignal.timeout(timeoutMs),
    });
  const start = async (): Promise<string> => {
    const answer = await ask({ grant_type: 'client_credentials' });
    return decodeAnswer(FirstAnswer, answer, 'the token endpoint').refresh_token;
  };
  /** The token is given up before it is used: an answer that is lost has used it up all the same. */
  const refresh = async (token: string): Promise<PartnerAnswer> => {
    refreshToken = null;
    return ask({ grant_type: 'refresh_token', refresh_token: token });
  };
  return async () => {
    const kept = refreshToken;
    const first = await refresh(kept ?? (await start()));
    const isUsedUp = kept !== null && REFUSED.includes(first.statusCode);
    const answer = isUsedUp ? await refresh(await start()) : first;
    const next = decodeAnswer(NextAnswer, answer, 'the token endpoint');
    refreshToken = next.refresh_token ?? null;
    return next;
  };
}
