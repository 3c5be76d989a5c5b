import { randomUUID } from 'node:crypto';
import { text } from 'node:stream/consumers';

import type Router from '@koa/router';

import { createTokens, type Tokens } from '../tokens';

/** Client credentials that the simulated Bitpanda accepts. */
export interface BitpandaClient {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Lifetime of an access token; default 600. */
  readonly accessTokenSeconds?: number;
}

/** Lifetime of a refresh token, as documented (vendors.md §3.1); tests shorten that of access tokens. */
const REFRESH_SECONDS = 24 * 3_600;
const ACCESS_SECONDS = 600;

type TokenAnswer =
  | { readonly error: 'invalid_client' | 'invalid_grant' | 'unsupported_grant_type' }
  | { readonly access_token?: string; readonly refresh_token: string; readonly expires_in: number };

/**
 * Token route: client credentials yield a refresh token, and a refresh token yields an access token and the next
 * refresh token.
 */
export function addTokenRoute(router: Router, path: string, client: BitpandaClient): Tokens {
  const accessSeconds = client.accessTokenSeconds ?? ACCESS_SECONDS;
  const accessTokens = createTokens(accessSeconds);
  const refreshTokens = createRefreshTokens();
  const answer = (form: URLSearchParams): TokenAnswer => {
    switch (form.get('grant_type')) {
      case 'client_credentials': {
        const isOurs = form.get('client_id') === client.clientId && form.get('client_secret') === client.clientSecret;
        if (!isOurs) return { error: 'invalid_client' };
        return { refresh_token: refreshTokens.give(), expires_in: REFRESH_SECONDS };
      }
      case 'refresh_token':
        if (!refreshTokens.take(form.get('refresh_token'))) return { error: 'invalid_grant' };
        return { ...accessTokens.give(client.clientId), refresh_token: refreshTokens.give() };
      default:
        return { error: 'unsupported_grant_type' };
    }
  };
  router.post(path, async (context) => {
    const body = answer(new URLSearchParams(await text(context.req)));
    context.status = 'error' in body ? 400 : 200;
    context.body = body;
  });
  return accessTokens;
}

/** Refresh tokens, each valid once: a second use is refused, whatever its cause. */
function createRefreshTokens(): { readonly give: () => string; readonly take: (token: string | null) => boolean } {
  const valid = new Map<string, number>();
  return {
    give: () => {
      const token = randomUUID();
      valid.set(token, Date.now() + REFRESH_SECONDS * 1000);
      return token;
    },
    take: (token) => {
      const untilMs = valid.get(token ?? '');
      valid.delete(token ?? '');
      return untilMs !== undefined && untilMs > Date.now();
    },
  };
}
