import type { Partner } from '../domain/notification';
import { coinifyDecoder } from './coinify/decoder';
import { coinifyEvents } from './coinify/events';
import type { PartnerDecoder, PartnerEvent } from './event';
import { tradevestDecoder } from './tradevest/decoder';
import { tradevestEvents } from './tradevest/events';

/** Bitpanda's webhooks are kept and parked until its folder is there. */
const bitpandaDecoder: PartnerDecoder = {
  partner: 'bitpanda',
  decode: (route) => ({
    ok: false,
    event: null,
    problem: { path: 'notification', expected: 'a partner whose events are understood', found: route },
  }),
};

/** The decoder of each partner. */
export const decoders: Readonly<Record<Partner, PartnerDecoder>> = {
  tradevest: tradevestDecoder,
  coinify: coinifyDecoder,
  bitpanda: bitpandaDecoder,
};

/** Every event that is understood, by partner. */
export const events: Readonly<Record<Partner, readonly PartnerEvent[]>> = {
  tradevest: tradevestEvents,
  coinify: coinifyEvents,
  bitpanda: [],
};
