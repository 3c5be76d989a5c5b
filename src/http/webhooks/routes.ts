import type { Partner } from '../../domain/partner';
import type { PartnerReception } from '../../partners/authentication';

/** The partner of a webhook with its reception, and the route under which it is kept. */
export interface WebhookRoute {
  readonly partner: Partner;
  readonly route: string;
  readonly reception: PartnerReception;
}

const PATH = /^\/webhooks\/([a-z0-9-]{1,50})(?:\/([A-Za-z0-9._~-]{1,100}))?$/;

/**
 * The route of a request target exactly as it was sent: nothing is decoded, no case folded, no slash added or
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
  if (reception === undefined || (segment === undefined) !== (reception.oneAddress === true)) return null;
  return { partner, route: segment ?? partner, reception };
}
