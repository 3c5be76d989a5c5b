import type { Partner } from '../../domain/partner';

/** Where a webhook goes: the partner, and the route it is kept under. */
export interface WebhookRoute {
  readonly partner: Partner;
  readonly route: string;
}

const SEGMENT = /^\/webhooks\/(tradevest|bitpanda)\/([A-Za-z0-9._~-]{1,100})$/;
const COINIFY = '/webhooks/coinify';

/**
 * Finds the route of a request target exactly as it was sent: nothing is decoded, no case folded, no slash forgiven,
 * because what is signed is what was sent. Null: there is no such partner.
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
