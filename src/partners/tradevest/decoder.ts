import { createRouteDecoder } from '../decode-by-route';
import { tradevestEvents } from './events';
import { endpointOf } from './object-event';

/** Types the partner's pages name without a body (vendors.md §1.1): kept and parked by their name. */
const KNOWN_BY_NAME = [
  'LEGAL_ENTITY_NOTIFICATION',
  'LEGAL_REPRESENTATIVE_NOTIFICATION',
  'PARTNER_NOTIFICATION',
  'JOINT_PERSON_NOTIFICATION',
  'TAX_EXEMPTION_ORDER_NOTIFICATION',
  'CORPORATE_ACTION_NOTIFICATION',
  'TOKENIZED_ASSET_ORDER_NOTIFICATION',
];

function nameOf(route: string): string | null {
  return KNOWN_BY_NAME.find((name) => endpointOf(name) === route) ?? null;
}

/** Decoder of Tradevest: the endpoint says which event a body is; there is no event id. */
export const tradevestDecoder = createRouteDecoder({
  partner: 'tradevest',
  events: tradevestEvents,
  word: 'endpoint',
  nameOf,
});
