import type { Partner } from '../../domain/partner';
import type { PartnerReception } from '../../partners/authentication';

/** The partner of a webhook with its reception, and the route under which it is kept. */
export interface WebhookRoute {
  readonly partner: Partner;
  readonly route: string;
  readonly reception: PartnerReception;
}

const PATH = /^\/webhooks\/([a-z0-9-]{1,50})(?:\/([A-Za-z0-9._~-]{1,100}))?$/;

/** A request target as partners sign it. */
export interface WebhookTarget {
  /** The path with its query; it begins with `/webhooks`. */
  readonly url: string;
  /** Scheme and host of a target in absolute form; null for one in origin form. */
  readonly origin: string | null;
}

/**
 * The target of a request to a webhook; null where it is none. A target in absolute form is its path (RFC 9112 §3.2.2),
 * and the path of our own public URL may be in front of it, or taken off by a proxy.
 */
export function webhookTargetOf(target: string, publicUrl: string | null): WebhookTarget | null {
  const [, origin = null, path = ''] = /^(https?:\/\/[^/?#]+)?(.*)$/is.exec(target) ?? [];
  const [, prefix = ''] = /^https?:\/\/[^/]+(.*)$/i.exec(publicUrl ?? '') ?? [];
  const url = path.startsWith(`${prefix}/webhooks`) ? path.slice(prefix.length) : path;
  return url.startsWith('/webhooks') ? { url, origin } : null;
}

/**
 * The route of a path exactly as it was sent: nothing is decoded, no case folded, no slash added or
 * removed, because the signature covers what was sent. Null where there is no such partner.
 */
export function webhookRouteOf(
  target: string,
  receptions: ReadonlyMap<Partner, PartnerReception>,
): WebhookRoute | null {
  const query = target.indexOf('?');
  const path = query === -1 ? target : target.slice(0, query);
  const [, partner = '', segment] = PATH.exec(path) ?? [];
  const reception = receptions.get(partner);
  if (reception === undefined) return null;
  const { oneAddress = false } = reception;
  if (oneAddress !== 'too' && (segment === undefined) !== oneAddress) return null;
  return { partner, route: segment ?? partner, reception };
}
