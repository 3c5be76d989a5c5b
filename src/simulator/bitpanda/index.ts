import { generateKeyPairSync, randomBytes } from 'node:crypto';

import { madeUpSecret, type SimulatedPartner, tokenUrlAt } from '../simulated-partner';
import { startBitpandaSimulator } from './bitpanda-simulator';

/** Bitpanda, simulated. */
export const simulatedBitpanda: SimulatedPartner = {
  name: 'bitpanda',
  title: 'Bitpanda',
  apiUrlVariable: 'BITPANDA_API_URL',
  madeUp(given) {
    const { jwks, ...signer } = madeUpKey();
    const clientId = given.BITPANDA_CLIENT_ID ?? 'development';
    const clientSecret = given.BITPANDA_CLIENT_SECRET ?? madeUpSecret();
    return {
      webhookVariables: { BITPANDA_WEBHOOK_KEYS: jwks },
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

function madeUpKey() {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const keyid = `development-${randomBytes(4).toString('hex')}`;
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: keyid, alg: 'ES256', use: 'sig' };
  return {
    keyid,
    privateKeyPem: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    jwks: JSON.stringify({ keys: [jwk] }),
  };
}
