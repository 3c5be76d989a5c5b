import { parseJson } from '../../codecs/json';
import type { PartnerDecoder } from '../event';
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
  'SAVINGS_PLANS_NOTIFICATION',
  'TOKENIZED_ASSET_ORDER_NOTIFICATION',
];

function nameOf(route: string): string | null {
  return KNOWN_BY_NAME.find((name) => endpointOf(name) === route) ?? null;
}

/** Tradevest says by the endpoint which event a body is; there is no event id. */
export const tradevestDecoder: PartnerDecoder = {
  partner: 'tradevest',
  decode(route, body, deliveryId) {
    const event = tradevestEvents.find((one) => one.route === route);
    if (event === undefined) {
      const expected = `one of the endpoints ${tradevestEvents.map((one) => one.route).join(', ')}`;
      return { ok: false, event: nameOf(route), problem: { path: 'endpoint', expected, found: route } };
    }
    const json = parseJson(body);
    return json.ok ? event.decode(json.value, deliveryId) : { ok: false, event: event.event, problem: json.problem };
  },
};
