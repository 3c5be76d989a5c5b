import type { Partner } from '../domain/notification';
import { coinifyDecoder } from './coinify/decoder';
import type { PartnerDecoder } from './event';
import { tradevestDecoder } from './tradevest/decoder';

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
