import { createRouteDecoder } from '../decode-by-route';
import { bitpandaEvents } from './events';

/** Decoder of Bitpanda: the route says which event a body is; the type inside is shared by versions and cannot (vendors.md §3.1). */
export const bitpandaDecoder = createRouteDecoder({
  partner: 'bitpanda',
  events: bitpandaEvents,
  word: 'notification',
});
