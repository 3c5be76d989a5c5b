import { createHmac } from 'node:crypto';

import fc from 'fast-check';

import type { Authentication, IncomingRequest } from '../../src/partners/authentication';
import { createCoinifyAuthenticate } from '../../src/partners/coinify/authenticate';
import { createStaticHeaderAuthenticate } from '../../src/partners/static-headers';

type Pairs = readonly (readonly [string, string])[];

function request(body: string | Buffer, rawHeaders: Pairs): IncomingRequest {
  const fixed = { method: 'POST', url: '/webhooks/coinify', receivedAtMs: 0, publicOrigin: 'http://partner.test' };
  return { ...fixed, rawHeaders, body: Buffer.from(body) };
}

const SIGNATURE = 'X-Coinify-Webhook-Signature';

function hmac(secret: string, body: Uint8Array): string {
  return createHmac('sha256', secret).update(body).digest('hex');
}

async function accepted(authentication: Authentication | Promise<Authentication>): Promise<boolean> {
  return (await authentication).ok;
}

async function fingerprint(authentication: Authentication | Promise<Authentication>): Promise<string | null> {
  const result = await authentication;
  return result.ok ? result.fingerprint : null;
}

describe('a Coinify signature', () => {
  // vendors.md §2.1: the partner's own test vector.
  const vector = request('{"examplePayload":true}', [
    [SIGNATURE, 'bcdbb89e3031905f3cc1a20d16b5f969a17a7d8fa0c26e4a807c2193402d66f4'],
  ]);

  it('is accepted where the partner says it is right, with any of several live secrets', async () => {
    expect(await accepted(createCoinifyAuthenticate(['my-shared-secret'])(vector))).toBe(true);
    expect(await accepted(createCoinifyAuthenticate(['newer', 'my-shared-secret'])(vector))).toBe(true);
    expect(await accepted(createCoinifyAuthenticate(['newer', 'newest'])(vector))).toBe(false);
  });

  it('tells by its fingerprint which secret was used, and not the secret', async () => {
    const both = createCoinifyAuthenticate(['newer', 'my-shared-secret']);
    const older = await fingerprint(both(vector));
    const newer = await fingerprint(both(request('{}', [[SIGNATURE, hmac('newer', Buffer.from('{}'))]])));
    expect(older).not.toBe(newer);
    expect(older).toBe(await fingerprint(createCoinifyAuthenticate(['my-shared-secret'])(vector)));
    expect(`${older ?? ''}${newer ?? ''}`).not.toMatch(/newer|shared/);
  });

  it('is accepted for any body and secret, and never after a change of body, signature or secret', async () => {
    const bytes = fc.uint8Array({ maxLength: 200 });
    const secret = fc.string({ minLength: 1 });
    await fc.assert(
      fc.asyncProperty(
        bytes,
        bytes,
        secret,
        secret,
        fc.nat(63),
        fc.nat(14),
        async (body, other, key, otherKey, at, by) => {
          const signature = hmac(key, body);
          const digit = ((parseInt(signature.charAt(at), 16) + by + 1) % 16).toString(16);
          const mutated = signature.slice(0, at) + digit + signature.slice(at + 1);
          const authenticate = createCoinifyAuthenticate([key]);
          const of = (value: string, given: Uint8Array) =>
            accepted(authenticate(request(Buffer.from(given), [[SIGNATURE, value]])));
          expect(await of(signature, body)).toBe(true);
          expect(await of(mutated, body)).toBe(false);
          expect(await of(signature, other)).toBe(Buffer.compare(body, other) === 0);
          expect(await of(hmac(otherKey, body), body)).toBe(hmac(otherKey, body) === signature);
          expect(await of(signature.slice(0, at), body)).toBe(false);
          expect(await of(`${signature}0`, body)).toBe(false);
          if (/[a-f]/.test(signature)) expect(await of(signature.toUpperCase(), body)).toBe(false);
        },
      ),
    );
  });

  it('is refused when it comes twice, also when both are right', async () => {
    const [pair] = vector.rawHeaders;
    if (pair === undefined) throw new Error('no header');
    const twice = { ...vector, rawHeaders: [pair, [SIGNATURE.toLowerCase(), pair[1]] as const] };
    expect(await accepted(createCoinifyAuthenticate(['my-shared-secret'])(twice))).toBe(false);
  });
});

describe('the headers of Tradevest', () => {
  const authenticate = createStaticHeaderAuthenticate({ 'api-key': ['new', 'old'], 'x-tenant': ['t\u00fcr'] });
  const tenant = ['X-Tenant', Buffer.from('t\u00fcr').toString('latin1')] as const;

  it('must all be there, once each, with an accepted value; the spelling of names means nothing', async () => {
    expect(await accepted(authenticate(request('', [['API-Key', 'new'], tenant])))).toBe(true);
    expect(await accepted(authenticate(request('', [tenant, ['api-key', 'old']])))).toBe(true);
    const refused: readonly Pairs[] = [
      [],
      [tenant],
      [['api-key', 'new']],
      [['api-key', ''], tenant],
      [['api-key', 'new '], tenant],
      [['api-key', 'new, old'], tenant],
      [['api-key', 'new'], ['Api-Key', 'new'], tenant],
      [
        ['api-key', 'new'],
        ['x-tenant', 'other'],
      ],
    ];
    for (const pairs of refused) expect(await accepted(authenticate(request('', pairs)))).toBe(false);
  });

  it('are never accepted with a value that was not configured', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), async (value) => {
        expect(await accepted(authenticate(request('', [['api-key', value], tenant])))).toBe(
          ['new', 'old'].includes(value),
        );
      }),
    );
  });

  it('say by fingerprint which generation was used, and whether a credential was there at all', async () => {
    const used = async (key: string) => fingerprint(authenticate(request('', [['api-key', key], tenant])));
    expect(await used('new')).not.toBe(await used('old'));
    expect(await authenticate(request('', []))).toMatchObject({ credentialPresent: false });
    expect(await authenticate(request('', [['api-key', 'wrong']]))).toMatchObject({ credentialPresent: true });
  });
});
