import type { Partner } from '../../domain/partner';

/** The partner of a webhook, and the route under which it is kept. */
export interface WebhookRoute {
  readonly partner: Partner;
  readonly route: string;
}

const SEGMENT = /^\/webhooks\/(tradevest|bitpanda)\/([A-Za-z0-9._~-]{1,100})$/;
const COINIFY = '/webhooks/coinify';

/**
 * The route of a request target exactly as it was sent: nothing is decoded, no case folded, no slash added or
 * removed, because the signature covers what was sent. Null where there is no such partner.
 */
export function webhookRouteOf(target: string): WebhookRoute | null {
  const query = target.indexOf('?');
  const path = query === -1 ? target : target.slice(0, query);
  if (path === COINIFY) return { partner: 'coinify', route: 'coinify' };
  const match = SEGMENT.exec(path);
  if (match === null) return null;
  const [, partner, route = ''] = match;
  return { partner: partner === 'tradevest' ? 'tradevest' : 'bitpanda', route };
}
