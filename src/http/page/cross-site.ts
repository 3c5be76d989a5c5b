import type { IncomingMessage } from 'node:http';

function hostOf(url: string): string | null {
  return URL.canParse(url) ? new URL(url).host : null;
}

/**
 * True for a request that a page of another site made a browser send. Browsers name the site of a form in `Origin`,
 * and newer ones in `Sec-Fetch-Site`, which a page cannot forge; a request without either is from no browser, and
 * carries no cookie of one.
 */
export function isCrossSite({ headers }: Pick<IncomingMessage, 'headers'>, publicUrl: string | null): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') return true;
  if (headers.origin === undefined) return false;
  const ours = [headers.host ?? null, publicUrl === null ? null : hostOf(publicUrl)];
  const from = hostOf(headers.origin);
  return from === null || !ours.includes(from);
}
