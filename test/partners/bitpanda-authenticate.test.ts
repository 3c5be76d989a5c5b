import { createHash, createPublicKey } from 'node:crypto';

import { parseDictionary } from 'structured-headers';
import { verifySignature } from 'http-message-sig';
import { verify } from 'node:crypto';

import { type Difference, judge, newSigner, NOW_SECONDS, requestOf, withHeader } from './bitpanda-requests';

const signer = newSigner('k1');
const other = newSigner('k2');

test('the RFC’s own vector of ecdsa-p256-sha256 (B.2.4 of RFC 9421) verifies by the library and the key format used here', async () => {
  const publicKeyPem = `-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqIVYZVLCrPZHGHjP17CTW0/+D9Lf
w0EkjqF7xB4FivAxzic30tMM4GF+hR6Dxh71Z50VGGdldkkDXZCnTNnoXQ==
-----END PUBLIC KEY-----`;
  const key = createPublicKey(publicKeyPem);
  const fields = [
    { name: 'content-type', value: 'application/json' },
    {
      name: 'content-digest',
      value: 'sha-512=:mEWXIS7MaLRuGgxOBdODa3xqM1XdEvxoYhvlCFJ41QJgJc4GTsPp29l5oGX69wWdXymyU0rjJuahq4l5aGgfLQ==:',
    },
    { name: 'content-length', value: '23' },
    {
      name: 'signature-input',
      value:
        'sig-b24=("@status" "content-type" "content-digest" "content-length");created=1618884473;keyid="test-key-ecc-p256"',
    },
    {
      name: 'signature',
      value: 'sig-b24=:wNmSUAhwb5LxtOtOpNa6W5xj067m5hFrj0XQ4fvpaCLx0NKocgPquLgyahnzDnDAUy5eCdlYUEkLIj+32oiasw==:',
    },
  ];
  const verified = await verifySignature(
    { kind: 'response', status: 200, fields },
    {
      label: 'sig-b24',
      policy: {
        algorithms: ['ecdsa-p256-sha256'],
        requiredComponents: ['@status'],
        requiredParameters: ['created', 'keyid'],
        now: 1_618_884_480,
      },
      resolveVerifier: () => ({
        algorithm: 'ecdsa-p256-sha256',
        verify: (data, signature) => verify('sha256', data, { key, dsaEncoding: 'ieee-p1363' }, signature),
      }),
    },
  );
  expect(verified.parameters.keyid).toBe('test-key-ecc-p256');
});

const accepted: readonly (readonly [string, Difference])[] = [
  ['a right signature', {}],
  ['one that covers the path instead of the target', { sign: { components: ['@method', '@path', 'content-digest'] } }],
  ['one that names its algorithm', { sign: { alg: 'ecdsa-p256-sha256' } }],
  ['one that expires later', { sign: { expiresSeconds: NOW_SECONDS + 10 } }],
  ['one from thirty seconds ahead: clocks differ', { sign: { createdSeconds: NOW_SECONDS + 30 } }],
  ['a query that the target covers', { url: '/webhooks/bitpanda/reports?a=b' }],
  [
    'a query that is covered by itself',
    { url: '/webhooks/bitpanda/reports?a=b', sign: { components: ['@method', '@path', '@query', 'content-digest'] } },
  ],
];

test.each(accepted)('accepts %s', async (_what, difference) => {
  const judged = await judge([other.key, signer.key], requestOf(signer, difference));
  expect(judged).toMatchObject({ ok: true, verdict: 'authentic' });
});

test('a signature that is merely too old is authentic, and said to be too old', async () => {
  const request = requestOf(signer, { sign: { createdSeconds: NOW_SECONDS - 301 } });
  expect(await judge([signer.key], request)).toMatchObject({ ok: true, verdict: 'signature-too-old' });
  const young = requestOf(signer, { sign: { createdSeconds: NOW_SECONDS - 300 } });
  expect(await judge([signer.key], young)).toMatchObject({ ok: true, verdict: 'authentic' });
});

test('of two labels the one that meets every rule is enough, and the younger one counts', async () => {
  const old = requestOf(signer, { sign: { createdSeconds: NOW_SECONDS - 900 } });
  const young = requestOf(signer);
  const headers = new Map(young.rawHeaders);
  const joined = ['signature', 'signature-input'].reduce(
    (request, name) =>
      withHeader(request, name, (value) => `${value}, ${(headers.get(name) ?? '').replace('sig1', 'sig2')}`),
    old,
  );
  expect(await judge([signer.key], joined)).toMatchObject({ ok: true, verdict: 'authentic' });
});

const besides: readonly (readonly [string, string])[] = [
  ['whose time is no integer', 'other=("@method");created=1700000000.0;keyid="k1"'],
  ['that is no list', 'other=1'],
  ['of keys nobody knows', ['a', 'b', 'c', 'd', 'e'].map((label) => `${label}=("@method");created=1;keyid="x"`).join()],
];

test.each(besides)('a right label is enough beside labels %s', async (_what, others) => {
  const request = withHeader(requestOf(signer), 'signature-input', (value) => `${others}, ${value}`);
  expect(await judge([signer.key], request)).toMatchObject({ ok: true, verdict: 'authentic' });
});

function changed(name: string, change: (value: string) => string): Difference {
  return { change: (request) => withHeader(request, name, change) };
}

const wrongDigest = createHash('sha256').update('another body').digest('base64');

const refused: readonly (readonly [string, Difference])[] = [
  ['a key nobody knows', { signer: newSigner('k3') }],
  ['another key under a known name', { signer: { ...other, keyid: 'k1' } }],
  ['no signature', { change: (request) => ({ ...request, rawHeaders: request.rawHeaders.slice(0, 1) }) }],
  ['a signature cut short', changed('signature', (value) => `${value.slice(0, -10)}:`)],
  ['an altered body', { change: (request) => ({ ...request, body: Buffer.from('{"params":{"id":"2"}}') }) }],
  ['an altered path', { change: (request) => ({ ...request, url: '/webhooks/bitpanda/automated-orders' }) }],
  ['another host', { change: (request) => ({ ...request, publicOrigin: 'https://other.example.com' }) }],
  ['another method', { change: (request) => ({ ...request, method: 'PUT' }) }],
  [
    'a query that nothing covers',
    { url: '/webhooks/bitpanda/reports?a=b', sign: { components: ['@method', '@path', 'content-digest'] } },
  ],
  ['a signature from the future', { sign: { createdSeconds: NOW_SECONDS + 31 } }],
  ['one that has expired', { sign: { expiresSeconds: NOW_SECONDS - 1 } }],
  ['another algorithm', changed('signature-input', (value) => `${value};alg="hmac-sha256"`)],
  ['no method covered', { sign: { components: ['@path', 'content-digest'] } }],
  ['no path covered', { sign: { components: ['@method', 'content-digest'] } }],
  ['no digest covered', { sign: { components: ['@method', '@path'] } }],
  ['a wrong digest', changed('content-digest', () => `sha-256=:${wrongDigest}:`)],
  ['a digest of another algorithm alone', changed('content-digest', (value) => value.replace('sha-256', 'sha-512'))],
  ['the digest twice in one header', changed('content-digest', (value) => `${value}, ${value}`)],
  ['garbage for a digest', changed('content-digest', () => '=:;,')],
  ['garbage for a signature', changed('signature', () => 'sig1=:@@@:')],
  ['garbage for an input', changed('signature-input', () => 'sig1=("@method"')],
  ['an input of another label', changed('signature-input', (value) => value.replace('sig1', 'sig2'))],
  ['a component twice', changed('signature-input', (value) => value.replace('("@method"', '("@method" "@method"'))],
  [
    'a component with a parameter',
    changed('signature-input', (value) => value.replace('"content-digest"', '"content-digest";bs')),
  ],
  ['created as text', changed('signature-input', (value) => value.replace(/created=(\d+)/, 'created="$1"'))],
  ['created with a point', changed('signature-input', (value) => value.replace(/created=(\d+)/, 'created=$1.0'))],
  ['no key id', changed('signature-input', (value) => value.replace(/;keyid="k1"/, ''))],
  [
    'the digest on two lines',
    {
      change: (request) => ({
        ...request,
        rawHeaders: [...request.rawHeaders, ...request.rawHeaders.filter(([name]) => name === 'content-digest')],
      }),
    },
  ],
];

test.each(refused)('refuses %s', async (_what, difference) => {
  expect(await judge([signer.key, other.key], requestOf(signer, difference))).toMatchObject({ ok: false });
});

test('the header of a right signature is a dictionary of one label', () => {
  const headers = new Map(requestOf(signer).rawHeaders);
  expect([...parseDictionary(headers.get('signature-input') ?? '').keys()]).toEqual(['sig1']);
});
