import { generateKeyPairSync } from 'node:crypto';

const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

/** A key of the tests, as Bitpanda would hold it. */
export const BITPANDA_KEY = {
  keyid: 'key-of-the-tests',
  privateKeyPem: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
};

/** What a receiver and a worker need for Bitpanda's part. */
export function bitpandaEnvironment(apiUrl: string): Readonly<Record<string, string>> {
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: BITPANDA_KEY.keyid };
  return {
    BITPANDA_WEBHOOK_KEYS: JSON.stringify({ keys: [jwk] }),
    BITPANDA_API_URL: apiUrl,
    BITPANDA_TOKEN_URL: `${apiUrl}/token`,
    BITPANDA_CLIENT_ID: 'tests',
    BITPANDA_CLIENT_SECRET: 'tests',
  };
}
