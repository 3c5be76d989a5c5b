import { createHash, createPrivateKey, sign } from 'node:crypto';

import { createSignatureSync } from 'http-message-sig';

/** Request to be signed as Bitpanda signs its webhooks. */
export interface RequestToSign {
  readonly method: string;
  readonly url: string;
  readonly body: string | Buffer;
  readonly keyid: string;
  readonly privateKeyPem: string;
  /** Unix seconds; absent: now. */
  readonly createdSeconds?: number;
  readonly expiresSeconds?: number;
  readonly components?: readonly string[];
  readonly alg?: string;
}

/** Headers that sign a request by RFC 9421 with ECDSA P-256, as the partner does. Development only. */
export function signBitpanda(request: RequestToSign): Readonly<Record<string, string>> {
  const digest = `sha-256=:${createHash('sha256').update(request.body).digest('base64')}:`;
  const key = { key: createPrivateKey(request.privateKeyPem), dsaEncoding: 'ieee-p1363' } as const;
  const created = request.createdSeconds ?? Math.floor(Date.now() / 1000);
  const { signature, signatureInput } = createSignatureSync(
    {
      kind: 'request',
      method: request.method,
      targetUri: request.url,
      fields: [{ name: 'content-digest', value: digest }],
    },
    {
      label: 'sig1',
      components: request.components ?? ['@method', '@target-uri', 'content-digest'],
      parameters: {
        created,
        keyid: request.keyid,
        ...(request.expiresSeconds === undefined ? {} : { expires: request.expiresSeconds }),
        ...(request.alg === undefined ? {} : { alg: request.alg }),
      },
      signer: { algorithm: 'ecdsa-p256-sha256', sign: (data) => sign('sha256', data, key) },
    },
  );
  return { 'content-digest': digest, signature, 'signature-input': signatureInput };
}
