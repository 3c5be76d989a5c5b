import { createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';

import * as t from 'io-ts';

import { decode } from '../../codecs/decode';
import { madeUpSecret, type SimulatedPartner, tokenUrlAt } from '../simulated-partner';
import { startBitpandaSimulator } from './bitpanda-simulator';

const Shown = t.type({ keyid: t.string, privateKeyPem: t.string });

/** Bitpanda, simulated. */
export const simulatedBitpanda: SimulatedPartner = {
  name: 'bitpanda',
  title: 'Bitpanda',
  apiUrlVariable: 'BITPANDA_API_URL',
  webhookVariables(shown) {
    const decoded = decode(Shown, shown);
    return decoded.ok ? { ok: true, value: { BITPANDA_WEBHOOK_KEYS: publicKeysOf(decoded.value) } } : decoded;
  },
  madeUp(given) {
    const signer = madeUpSigner();
    const clientId = given.BITPANDA_CLIENT_ID ?? 'development';
    const clientSecret = given.BITPANDA_CLIENT_SECRET ?? madeUpSecret();
    return {
      readVariables: ({ BITPANDA_API_URL: apiUrl }, simulator) => ({
        ...(simulator === null
          ? {}
          : { BITPANDA_API_URL: simulator.url, SAVINGS_PLAN_DECISION_URL: `${simulator.url}/simulator/decisions` }),
        BITPANDA_TOKEN_URL: simulator?.tokenUrl ?? tokenUrlAt(apiUrl, '/oauth/token'),
        BITPANDA_CLIENT_ID: clientId,
        BITPANDA_CLIENT_SECRET: clientSecret,
      }),
      shown: signer,
      start: (options) => startBitpandaSimulator({ ...options, ...signer, clientId, clientSecret }),
    };
  },
};

function madeUpSigner(): t.TypeOf<typeof Shown> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const privateKeyPem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  return { keyid: `development-${randomBytes(4).toString('hex')}`, privateKeyPem };
}

/** The public half of the key that the simulator signs with. */
function publicKeysOf({ keyid, privateKeyPem }: t.TypeOf<typeof Shown>): string {
  const { kty, crv, x, y } = createPublicKey(privateKeyPem).export({ format: 'jwk' });
  return JSON.stringify({ keys: [{ kid: keyid, kty, crv, x, y }] });
}
