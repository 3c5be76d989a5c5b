import { parseJson } from '../codecs/json';
import type { Partner } from '../domain/partner';
import type { PartnerDecoder, PartnerEvent } from './event';

/** Facts about a partner that its decoder by route needs. */
interface RouteDecoderOptions {
  readonly partner: Partner;
  readonly events: readonly PartnerEvent[];
  /** The partner’s word for the last segment of a webhook’s path, as problems name it. */
  readonly word: string;
  /** The name of an event that the partner’s pages name without its body; absent where there is none. */
  readonly nameOf?: (route: string) => string | null;
}

/** Decoder of a partner whose route says which event a body is. */
export function createRouteDecoder({ partner, events, word, nameOf }: RouteDecoderOptions): PartnerDecoder {
  return {
    partner,
    decode(route, body, deliveryId, clocks) {
      const event = events.find((one) => one.route === route);
      if (event === undefined) {
        const expected = `one of the ${word}s ${events.map((one) => one.route).join(', ')}`;
        return { ok: false, event: nameOf?.(route) ?? null, problem: { path: word, expected, found: route } };
      }
      const json = parseJson(body);
      if (!json.ok) return { ok: false, event: event.event, problem: json.problem };
      return event.decode(json.value, deliveryId, clocks);
    },
  };
}
