import { headerValues, type IncomingRequest } from '../authentication';

/**
 * URIs that a partner may have signed for a request, most likely first. Host and port have a normal form (RFC 9421
 * §2.2.3), which not every signer keeps to, so that the forms that mean the same are tried too: as configured, as the
 * request names its host, and with the default port written out. A proxy may have taken a path off before us.
 */
export function targetUris(request: IncomingRequest): readonly string[] {
  const [, origin = '', path = ''] = /^(https?:\/\/[^/]*)(.*)$/i.exec(request.publicOrigin) ?? [];
  const origins = originsOf(origin, headerValues(request, 'host')[0]);
  const paths = new Set([path + request.url, request.url]);
  return [...paths].flatMap((one) => origins.map((before) => before + one));
}

const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

/** Spellings of an origin that mean the same, each once. */
function originsOf(origin: string, host: string | undefined): readonly string[] {
  const normal = normalOf(origin);
  if (normal === null) return [];
  const { protocol, port } = new URL(normal);
  const asSent = `${protocol}//${host ?? ''}`;
  const written = port === '' ? [`${normal}:${DEFAULT_PORTS[protocol] ?? ''}`] : [];
  return [...new Set([normal, origin, ...(normalOf(asSent) === normal ? [asSent] : []), ...written])];
}

/** Scheme and host in lower case, without a default port; null where that is no origin. */
function normalOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).origin : null;
}
