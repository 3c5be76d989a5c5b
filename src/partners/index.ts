import type { Partner } from '../domain/partner';
import { bitpandaDecoder } from './bitpanda/decoder';
import { bitpandaEvents } from './bitpanda/events';
import { coinifyDecoder } from './coinify/decoder';
import { coinifyEvents } from './coinify/events';
import type { PartnerDecoder, PartnerEvent } from './event';
import { tradevestDecoder } from './tradevest/decoder';
import { tradevestEvents } from './tradevest/events';

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
  bitpanda: bitpandaEvents,
};
