import { definePartner } from '../partner-module';
import { staticHeaderEvidence } from '../static-header-evidence';
import { createStaticHeaderAuthenticate } from '../static-headers';
import { createTradevestReader } from './client';
import { tradevestDecoder } from './decoder';
import { tradevestEvents } from './events';
import { lifecycles } from './lifecycles';
import { createTradevestSweep } from './missed';
import { readTradevestVariables, tradevestVariables } from './variables';

/** Tradevest: securities and digital assets, and the people who hold them (vendors.md §1). */
export const tradevest = definePartner({
  name: 'tradevest',
  title: 'Tradevest',
  folder: __dirname,
  lifecycles,
  events: tradevestEvents,
  decoder: tradevestDecoder,
  variables: tradevestVariables,
  readVariables: readTradevestVariables,
  // Tradevest authenticates by headers that we chose, and signs nothing (vendors.md §1.1).
  reception: ({ webhookHeaders: headers }) =>
    headers === null
      ? null
      : { authenticate: createStaticHeaderAuthenticate(headers), credentialHeaders: Object.keys(headers) },
  client: ({ client }) => {
    if (client === null) return null;
    const reader = createTradevestReader(client);
    return { ...reader, sweep: createTradevestSweep(() => reader.readMissed()) };
  },
  evidence: ({ webhookHeaders }) => staticHeaderEvidence('Tradevest', webhookHeaders),
});
