import { randomUUID } from 'node:crypto';

/** Access tokens that a simulated partner has issued, each with its owner. */
export interface Tokens {
  readonly give: (owner: string) => { readonly access_token: string; readonly expires_in: number };
  /** Owner of the request's bearer token; null if it is missing, unknown or expired. */
  readonly ownerOf: (authorization: string | undefined) => string | null;
}

/** Access tokens. `lifetimeSeconds` is short, so that a client that never refreshes is found out soon. */
export function createTokens(lifetimeSeconds: number): Tokens {
  const given = new Map<string, { readonly owner: string; readonly untilMs: number }>();
  return {
    give: (owner) => {
      const token = randomUUID();
      given.set(token, { owner, untilMs: Date.now() + lifetimeSeconds * 1000 });
      return { access_token: token, expires_in: lifetimeSeconds };
    },
    ownerOf: (authorization) => {
      const [scheme, token] = (authorization ?? '').split(' ');
      const found = scheme === 'Bearer' ? given.get(token ?? '') : undefined;
      return found === undefined || found.untilMs <= Date.now() ? null : found.owner;
    },
  };
}
