import { definePartner } from '../partner-module';
import { createCoinifyAuthenticate } from './authenticate';
import { createCoinifyReader } from './client';
import { coinifyDecoder } from './decoder';
import { coinifyEvents } from './events';
import { coinifyEvidence } from './evidence';
import { lifecycles } from './lifecycles';
import { coinifyVariables, readCoinifyVariables } from './variables';

/** Coinify: trades of crypto assets (vendors.md §2). Everything comes to one address. */
export const coinify = definePartner({
  name: 'coinify',
  title: 'Coinify',
  folder: __dirname,
  lifecycles,
  events: coinifyEvents,
  decoder: coinifyDecoder,
  variables: coinifyVariables,
  readVariables: readCoinifyVariables,
  reception: ({ webhookSecrets: secrets }) =>
    secrets === null
      ? null
      : { authenticate: createCoinifyAuthenticate(secrets), credentialHeaders: [], oneAddress: true },
  client: ({ client }) => (client === null ? null : createCoinifyReader(client)),
  evidence: coinifyEvidence,
});
