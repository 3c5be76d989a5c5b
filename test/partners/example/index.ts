import { createRouteDecoder } from '../../../src/partners/decode-by-route';
import { definePartner } from '../../../src/partners/partner-module';
import { staticHeaderEvidence } from '../../../src/partners/static-header-evidence';
import { createStaticHeaderAuthenticate } from '../../../src/partners/static-headers';
import { createExampleClient } from './client';
import { exampleEvents } from './events';
import { lifecycles } from './lifecycles';
import { exampleVariables, readExampleVariables } from './variables';

/** The example partner: one static header, one order with three states, and a read of it. */
export const example = definePartner({
  name: 'example',
  title: 'Example',
  folder: __dirname,
  lifecycles,
  events: exampleEvents,
  decoder: createRouteDecoder({ partner: 'example', events: exampleEvents, word: 'event' }),
  variables: exampleVariables,
  readVariables: readExampleVariables,
  reception: ({ webhookHeaders: headers }) =>
    headers === null
      ? null
      : { authenticate: createStaticHeaderAuthenticate(headers), credentialHeaders: Object.keys(headers) },
  client: ({ client }) => (client === null ? null : createExampleClient(client)),
  evidence: ({ webhookHeaders }) => staticHeaderEvidence('Example', webhookHeaders),
});
