import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

import Tokens from 'csrf';
import * as t from 'io-ts';

import { decode } from '../../codecs/decode';

/** The session of somebody who logged in with a token. */
export interface Session {
  /** The name of the token. */
  readonly who: string;
  /** A token for the forms of whoever is logged in; another one each time. */
  createFormToken(): string;
  isFormToken(token: string): boolean;
}

/** Functions that open and recognise sessions. */
export interface Sessions {
  /** The value of the cookie of a new session. */
  open(who: string): string;
  /** The session a cookie's value stands for; null where we did not write it, its time is over or its token is gone. */
  read(cookie: string): Session | null;
}

/** The longest session, in seconds: a working day, so that a browser left open is not logged in for good. */
export const SESSION_SECONDS = 12 * 3_600;
const NONCE_BYTES = 16;
const LONGEST_COOKIE = 2_000;

const Content = t.type({ who: t.string, until: t.number, nonce: t.string });
const formTokens = new Tokens();

/** Text keyed by a secret; the purpose keeps what is signed for one use from being shown as another. */
function keyed(secret: string | Buffer, purpose: string, text: string): Buffer {
  return createHmac('sha256', secret).update(`${purpose}\n${text}`).digest();
}

function contentOf(encoded: string): t.TypeOf<typeof Content> | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(encoded, 'base64url').toString('utf8'));
    const decoding = decode(Content, value);
    return decoding.ok ? decoding.value : null;
  } catch {
    return null;
  }
}

/**
 * Sessions that live in their cookie: the name, the end, and a signature by a key made from the owner's token. So
 * every receiver accepts a session that another one opened, a token that is changed or taken away ends its sessions,
 * and the owner of one token cannot sign for another. The token itself is not in the cookie.
 */
export function createSessions(tokens: ReadonlyMap<string, string>, now: () => number = Date.now): Sessions {
  const keys = new Map(Array.from(tokens, ([who, token]) => [who, keyed(token, 'partnerflow page session', who)]));
  const unknown = randomBytes(32);
  return {
    open(who) {
      const content = { who, until: now() + SESSION_SECONDS * 1_000, nonce: randomBytes(NONCE_BYTES).toString('hex') };
      const encoded = Buffer.from(JSON.stringify(content)).toString('base64url');
      return `${encoded}.${keyed(keys.get(who) ?? unknown, 'cookie', encoded).toString('base64url')}`;
    },
    read(cookie) {
      const [encoded = '', signature = '', ...rest] = cookie.slice(0, LONGEST_COOKIE).split('.');
      const content = rest.length === 0 ? contentOf(encoded) : null;
      const key = content === null ? undefined : keys.get(content.who);
      if (content === null || key === undefined) return null;
      const expected = keyed(key, 'cookie', encoded);
      const found = Buffer.from(signature, 'base64url');
      if (found.length !== expected.length || !timingSafeEqual(found, expected) || content.until <= now()) return null;
      const secret = keyed(key, 'forms', encoded).toString('base64url');
      return {
        who: content.who,
        createFormToken: () => formTokens.create(secret),
        isFormToken: (token) => formTokens.verify(secret, token),
      };
    },
  };
}
