import { generateKeyPairSync } from 'node:crypto';

import type { Authentication, IncomingRequest } from '../../src/partners/authentication';
import { type BitpandaKey, createBitpandaAuthenticate } from '../../src/partners/bitpanda/authenticate';
import { type RequestToSign, signBitpanda } from '../../src/simulator/bitpanda/sign';

/** A signer of the tests with the key it is known by. */
export interface TestSigner {
  readonly key: BitpandaKey;
  readonly keyid: string;
  readonly privateKeyPem: string;
}

export function newSigner(keyid: string): TestSigner {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  return {
    key: { kid: keyid, kty: 'EC', crv: 'P-256', x, y },
    keyid,
    privateKeyPem: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  };
}

export const NOW_SECONDS = 1_760_000_000;
export const ORIGIN = 'https://hooks.example.com';
const URL_PATH = '/webhooks/bitpanda/reports';
const BODY = '{"params":{"id":"1"}}';

/** How a request differs from a right one; `headers` come after signing. */
export interface Difference {
  readonly signer?: TestSigner;
  readonly url?: string;
  readonly body?: string;
  readonly sign?: Partial<RequestToSign>;
  readonly receivedAtMs?: number;
  readonly change?: (request: IncomingRequest) => IncomingRequest;
}

export function requestOf(signer: TestSigner, difference: Difference = {}): IncomingRequest {
  const url = difference.url ?? URL_PATH;
  const body = difference.body ?? BODY;
  const { keyid, privateKeyPem } = difference.signer ?? signer;
  const headers = signBitpanda({
    ...{ method: 'POST', url: ORIGIN + url, body, keyid, privateKeyPem, createdSeconds: NOW_SECONDS },
    ...difference.sign,
  });
  const request: IncomingRequest = {
    method: 'POST',
    url,
    rawHeaders: [['Content-Type', 'application/json'], ...Object.entries(headers)],
    body: Buffer.from(body),
    receivedAtMs: difference.receivedAtMs ?? NOW_SECONDS * 1000,
    publicOrigin: ORIGIN,
  };
  return difference.change?.(request) ?? request;
}

/** The request with a header of another value. */
export function withHeader(request: IncomingRequest, name: string, change: (value: string) => string): IncomingRequest {
  const rawHeaders = request.rawHeaders.map(([given, value]): [string, string] => [
    given,
    given === name ? change(value) : value,
  ]);
  return { ...request, rawHeaders };
}

export function judge(keys: readonly BitpandaKey[], request: IncomingRequest): Promise<Authentication> {
  return Promise.resolve(createBitpandaAuthenticate({ keys, maxAgeSeconds: 300 })(request));
}
