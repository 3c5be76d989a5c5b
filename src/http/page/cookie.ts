import type { IncomingMessage } from 'node:http';

import { SESSION_SECONDS } from './session';

const NAME = 'partnerflow_session';

/** Values of every cookie sent under our name: one planted under another path may stand before ours. */
export function sessionCookiesOf({ headers }: Pick<IncomingMessage, 'headers'>): readonly string[] {
  return (headers.cookie ?? '').split(';').flatMap((part) => {
    const [name = '', ...value] = part.trim().split('=');
    return name === NAME ? [value.join('=')] : [];
  });
}

/**
 * True where the browser speaks https: the proxy in front of us says so, or the request names a public address that
 * is https. A `Secure` cookie on plain http would be thrown away, and nobody could log in.
 */
export function isOverHttps(request: Pick<IncomingMessage, 'headers'>, publicUrl: string | null): boolean {
  const forwarded = String(request.headers['x-forwarded-proto'] ?? '').split(',')[0];
  if (forwarded?.trim() === 'https') return true;
  if (publicUrl === null) return false;
  const { protocol, host } = new URL(publicUrl);
  return protocol === 'https:' && request.headers.host === host;
}

const ATTRIBUTES = 'Path=/operations; HttpOnly; SameSite=Strict';

/** The `Set-Cookie` of a new session. */
export function sessionCookie(value: string, secure: boolean): string {
  return `${NAME}=${value}; Max-Age=${SESSION_SECONDS}; ${ATTRIBUTES}${secure ? '; Secure' : ''}`;
}

/** The `Set-Cookie` that takes a session away from the browser. */
export function endedCookie(secure: boolean): string {
  return `${NAME}=; Max-Age=0; ${ATTRIBUTES}${secure ? '; Secure' : ''}`;
}
