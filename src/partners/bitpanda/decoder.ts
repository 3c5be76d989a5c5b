import * as t from 'io-ts';

import { decode, foundWord } from '../../codecs/decode';
import { parseJson } from '../../codecs/json';
import { machineWord } from '../../codecs/primitives';
import { hasBooking } from '../../domain/notification';
import { createRouteDecoder } from '../decode-by-route';
import type { Decoding, PartnerDecoder } from '../event';
import { routeByBody } from './event-by-body';
import { bitpandaEvents } from './events';
import { isTestDomain } from './test-domain';

const byRoute = createRouteDecoder({ partner: 'bitpanda', events: bitpandaEvents, word: 'notification' });

/** Route under which its second way keeps everything: one URL for all. */
const ONE_ADDRESS = 'bitpanda';

/**
 * Decoder of Bitpanda: the route says which event a body is; the type inside is shared by versions and cannot (vendors.md
 * §3.1). Where all come to one URL the fields of a body say it.
 */
export const bitpandaDecoder: PartnerDecoder = {
  partner: 'bitpanda',
  decode(route, body, deliveryId, clocks) {
    if (route !== ONE_ADDRESS) return byRoute.decode(route, body, deliveryId, clocks);
    const json = parseJson(body);
    if (!json.ok) return { ok: false, event: null, problem: json.problem };
    const told = routeByBody(paramsOf(json.value));
    return told === null ? unknownBody(json.value) : byRoute.decode(told, body, deliveryId, clocks);
  },
};

/** Same decoder for a sandbox: what comes from a test domain is followed, marked as such, and never booked. */
export const acceptingDecoder = withoutTestDomains({
  parks: (decoding) => decoding.ok && hasBooking(decoding.decoded.content),
  expected: 'a domain of production: what a test domain moves is never booked',
});

/** Same decoder, which parks all that comes from a test domain. */
export const productionDecoder = withoutTestDomains({
  parks: () => true,
  expected: 'a domain of production (BITPANDA_SANDBOX is park)',
});

interface TestDomainRule {
  readonly parks: (decoding: Decoding) => boolean;
  readonly expected: string;
}

function withoutTestDomains({ parks, expected }: TestDomainRule): PartnerDecoder {
  return {
    partner: 'bitpanda',
    decode(route, body, deliveryId, clocks) {
      const decoding = bitpandaDecoder.decode(route, body, deliveryId, clocks);
      const json = parseJson(body);
      const domain = json.ok ? paramsOf(json.value).domain_slug : undefined;
      if (typeof domain !== 'string' || !isTestDomain(domain)) return decoding;
      if (!parks(decoding)) return decoding;
      const event = decoding.ok ? decoding.decoded.event : decoding.event;
      return { ok: false, event, problem: { path: 'params.domain_slug', expected, found: foundWord(domain) } };
    },
  };
}

const Wrapped = t.type({ params: t.UnknownRecord });

function paramsOf(value: unknown): Readonly<Record<string, unknown>> {
  const wrapped = decode(Wrapped, value);
  return wrapped.ok ? wrapped.value.params : {};
}

const MOST_FIELDS = 12;

/** Names of fields are the partner's own, and tell an operator which event it is. */
function unknownBody(value: unknown): Decoding {
  const names = Object.keys(paramsOf(value)).flatMap((name) => machineWord(name) ?? []);
  const expected = `a body of one of the notifications ${bitpandaEvents.map(({ route }) => route).join(', ')}`;
  const found = names.length === 0 ? 'no fields in params' : `the fields ${names.slice(0, MOST_FIELDS).join(', ')}`;
  return { ok: false, event: null, problem: { path: 'params', expected, found } };
}
