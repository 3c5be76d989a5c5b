import { decode, foundWord, isProse } from '../../codecs/decode';
import { parseJson } from '../../codecs/json';
import type { PartnerDecoder } from '../event';
import { Envelope } from './envelope';
import { coinifyEvents } from './events';

/** Coinify sends everything to one address; the envelope names the event. */
export const coinifyDecoder: PartnerDecoder = {
  partner: 'coinify',
  decode(_route, body, deliveryId, clocks) {
    const json = parseJson(body);
    if (!json.ok) return { ok: false, event: null, problem: json.problem };
    const envelope = decode(Envelope, json.value);
    if (!envelope.ok) return { ok: false, event: null, problem: envelope.problem };
    const name = envelope.value.event;
    const event = coinifyEvents.find((one) => one.route === name);
    if (event !== undefined) return event.decode(json.value, deliveryId, clocks);
    const expected = `one of ${coinifyEvents.map((one) => one.event).join(', ')}; a new one is one entry under src/partners/coinify/events`;
    return {
      ok: false,
      event: isProse(name) ? null : name,
      problem: { path: 'event', expected, found: foundWord(name) },
    };
  },
};
