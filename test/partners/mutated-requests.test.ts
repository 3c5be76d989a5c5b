import { createHmac } from 'node:crypto';

import fc from 'fast-check';

import type { Authenticate, IncomingRequest } from '../../src/partners/authentication';
import { createBitpandaAuthenticate } from '../../src/partners/bitpanda/authenticate';
import { createCoinifyAuthenticate } from '../../src/partners/coinify/authenticate';
import { createStaticHeaderAuthenticate } from '../../src/partners/static-headers';
import { newSigner, NOW_SECONDS, requestOf, withHeader } from './bitpanda-requests';

jest.setTimeout(300_000);

const MUTATED = 100_000;
const seed = fc.sample(fc.integer({ min: 1, max: 2 ** 31 - 1 }), 1)[0] ?? 1;

/** A small generator with a printed seed: a run that fails can be run again. */
function numbers(start: number): (below: number) => number {
  let state = start;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const below = numbers(seed);

function flippedBit(bytes: Buffer): Buffer {
  const changed = Buffer.from(bytes);
  const position = below(bytes.length);
  changed[position] = (changed[position] ?? 0) ^ (1 << below(8));
  return changed;
}

/** One character of a text becomes another of the same kind, so that nothing is merely unreadable. */
function otherCharacter(text: string): string {
  const letters = 'abcdefghijklmnopqrstuvwxyz0123456789';
  const positions = Array.from(text, (letter, position) => (letters.includes(letter) ? position : -1)).filter(
    (position) => position >= 0,
  );
  const position = positions[below(positions.length)] ?? 0;
  const others = Array.from(letters).filter((letter) => letter !== text[position]);
  return text.slice(0, position) + (others[below(others.length)] ?? '') + text.slice(position + 1);
}

type Mutation = (request: IncomingRequest) => IncomingRequest;

const body: Mutation = (request) => ({ ...request, body: flippedBit(request.body) });

const signer = newSigner('k1');
const signed = Array.from({ length: 40 }, (_, index) =>
  requestOf(signer, { url: `/webhooks/bitpanda/reports?n=${index}`, body: `{"params":{"id":"${index}"}}` }),
);

/** The bytes of the signature, not their spelling: a base64 text has spellings that mean the same. */
const bitpandaSignature: Mutation = (request) =>
  withHeader(request, 'signature', (value) => {
    const [, bytes = ''] = /:(.*):/.exec(value) ?? [];
    return `sig1=:${flippedBit(Buffer.from(bytes, 'base64')).toString('base64')}:`;
  });

const bitpanda: readonly Mutation[] = [
  body,
  bitpandaSignature,
  (request) => ({ ...request, url: otherCharacter(request.url) }),
  (request) => ({ ...request, publicOrigin: request.publicOrigin.replace('hooks', `hooks${below(1_000)}`) }),
  (request) => ({ ...request, method: ['PUT', 'GET', 'PATCH', 'DELETE'][below(4)] ?? 'PUT' }),
  (request) =>
    withHeader(request, 'content-digest', () => `sha-256=:${flippedBit(Buffer.alloc(32)).toString('base64')}:`),
  (request) =>
    withHeader(request, 'signature-input', (value) =>
      value.replace(/created=\d+/, `created=${NOW_SECONDS - 1 - below(250)}`),
    ),
  (request) => withHeader(request, 'signature-input', (value) => value.replace('"k1"', '"k2"')),
];

const SECRET = 'a-secret-of-the-tests';
const coinifySigned = Array.from({ length: 40 }, (_, index): IncomingRequest => {
  const bytes = Buffer.from(`{"id":"${index}","event":"trade.created"}`);
  const signature = createHmac('sha256', SECRET).update(bytes).digest('hex');
  return {
    ...requestOf(signer),
    url: '/webhooks/coinify',
    rawHeaders: [['X-Coinify-Webhook-Signature', signature]],
    body: bytes,
  };
});
const coinify: readonly Mutation[] = [
  body,
  (request) =>
    withHeader(request, 'X-Coinify-Webhook-Signature', (hex) => flippedBit(Buffer.from(hex, 'hex')).toString('hex')),
];

const KEY = 'k'.repeat(10) + 'a-key-of-the-tests';
const tradevestSent = [{ ...requestOf(signer), rawHeaders: [['api-key', KEY]] } satisfies IncomingRequest];
const tradevest: readonly Mutation[] = [
  (request) => withHeader(request, 'api-key', (key) => otherCharacter(key)),
  (request) => withHeader(request, 'api-key', (key) => key.slice(0, 1 + below(key.length - 1))),
];

interface Course {
  readonly partner: string;
  readonly authenticate: Authenticate;
  readonly requests: readonly IncomingRequest[];
  readonly mutations: readonly Mutation[];
  readonly share: number;
}

const courses: readonly Course[] = [
  {
    partner: 'bitpanda',
    authenticate: createBitpandaAuthenticate({
      keys: [signer.key, newSigner('k2').key],
      maxAgeSeconds: 300,
    }),
    requests: signed,
    mutations: bitpanda,
    share: 0.4,
  },
  {
    partner: 'coinify',
    authenticate: createCoinifyAuthenticate([SECRET, 'an-older-secret']),
    requests: coinifySigned,
    mutations: coinify,
    share: 0.3,
  },
  {
    partner: 'tradevest',
    authenticate: createStaticHeaderAuthenticate({ 'api-key': [KEY, 'an-older-key'] }),
    requests: tradevestSent,
    mutations: tradevest,
    share: 0.3,
  },
];

test.each(courses)(
  `of 100,000 requests with one thing altered none is accepted, and each hundredth unaltered one is ($partner, seed ${seed})`,
  async ({ authenticate, requests, mutations, share }) => {
    const counts = { accepted: 0, refused: 0, unalteredAccepted: 0, unaltered: 0 };
    for (let count = 1; count <= MUTATED * share; count += 1) {
      const request = requests[below(requests.length)];
      const mutate = mutations[below(mutations.length)];
      if (request === undefined || mutate === undefined) throw new Error('nothing to mutate');
      const { ok } = await authenticate(mutate(request));
      counts[ok ? 'accepted' : 'refused'] += 1;
      if (count % 100 !== 0) continue;
      counts.unaltered += 1;
      if ((await authenticate(request)).ok) counts.unalteredAccepted += 1;
    }
    const all = MUTATED * share;
    expect(counts).toEqual({ accepted: 0, refused: all, unaltered: all / 100, unalteredAccepted: all / 100 });
  },
);
