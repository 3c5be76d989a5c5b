import { parseJson } from '../../codecs/json';
import type { PartnerDecoder } from '../event';
import { bitpandaEvents } from './events';

/** Bitpanda says by the route which event a body is; the type inside is shared by versions and cannot (vendors.md §3.1). */
export const bitpandaDecoder: PartnerDecoder = {
  partner: 'bitpanda',
  decode(route, body, deliveryId) {
    const event = bitpandaEvents.find((one) => one.route === route);
    if (event === undefined) {
      const expected = `one of the notifications ${bitpandaEvents.map((one) => one.route).join(', ')}`;
      return { ok: false, event: null, problem: { path: 'notification', expected, found: route } };
    }
    const json = parseJson(body);
    return json.ok ? event.decode(json.value, deliveryId) : { ok: false, event: event.event, problem: json.problem };
  },
};
