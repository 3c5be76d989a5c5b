import { definePartner } from '../partner-module';
import { bitpandaFingerprint } from './authenticate';
import { createBitpandaReader } from './client';
import { acceptingDecoder, bitpandaDecoder, productionDecoder } from './decoder';
import { bitpandaEvents } from './events';
import { bitpandaEvidence } from './evidence';
import { lifecycles } from './lifecycles';
import { createBitpandaSweep } from './listed-events';
import { isObserving, observingNotice } from './observe';
import { bitpandaReception } from './reception';
import { bitpandaVariables, readBitpandaVariables } from './variables';

/** Bitpanda: orders, transfers, savings plans and corporate actions (vendors.md §3). */
export const bitpanda = definePartner({
  name: 'bitpanda',
  title: 'Bitpanda',
  folder: __dirname,
  lifecycles,
  events: bitpandaEvents,
  decoder: bitpandaDecoder,
  variables: bitpandaVariables,
  readVariables: readBitpandaVariables,
  configuredDecoder: ({ acceptsSandbox }) => (acceptsSandbox ? acceptingDecoder : productionDecoder),
  reception: bitpandaReception,
  notices: ({ observing }) =>
    observing !== null && isObserving(observing, Date.now()) ? [observingNotice(observing)] : [],
  client: ({ client }) => {
    if (client === null) return null;
    const reader = createBitpandaReader(client);
    return { ...reader, sweep: createBitpandaSweep(reader.readEvents, reader.readObjects) };
  },
  evidence: bitpandaEvidence,
  trustedKeys: ({ webhookKeys }) =>
    webhookKeys?.map(({ kid, kty, crv, x, y }) => ({
      keyId: kid,
      fingerprint: bitpandaFingerprint({ x, y }),
      publicKey: { kty, crv, x, y },
    })) ?? null,
});
