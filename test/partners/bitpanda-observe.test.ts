import { createVariableReader, type Environment } from '../../src/codecs/environment';
import { bitpanda } from '../../src/partners/bitpanda';
import type { Authentication, IncomingRequest } from '../../src/partners/authentication';
import { newSigner, NOW_SECONDS, requestOf } from './bitpanda-requests';

const signer = newSigner('k1');
const KEYS = JSON.stringify({ keys: [signer.key] });

beforeEach(() => {
  jest.useFakeTimers({ now: NOW_SECONDS * 1000 });
});
afterEach(() => {
  jest.useRealTimers();
});

function configured(environment: Environment) {
  return bitpanda.configure(createVariableReader(environment));
}

async function judge(environment: Environment, request: IncomingRequest): Promise<Authentication | null> {
  return (await configured(environment).reception()?.authenticate(request)) ?? null;
}

const wrong = requestOf(signer, { signer: newSigner('k1') });

test('what fails is kept as observed with its reason, and what is right is authentic', async () => {
  const observe = { BITPANDA_WEBHOOK_KEYS: KEYS, BITPANDA_SIGNATURES: 'observe' };
  expect(await judge(observe, wrong)).toEqual({
    ok: true,
    verdict: 'signature-observed: signature-wrong',
    fingerprint: null,
  });
  expect(await judge(observe, requestOf(signer))).toMatchObject({ ok: true, verdict: 'authentic' });
  expect(await judge({ BITPANDA_WEBHOOK_KEYS: KEYS }, wrong)).toMatchObject({ ok: false });
});

test('before any key is known everything is observed', async () => {
  const unsigned = { ...wrong, rawHeaders: wrong.rawHeaders.slice(0, 1) };
  expect(await judge({ BITPANDA_SIGNATURES: 'observe' }, unsigned)).toMatchObject({
    verdict: 'signature-observed: signature-missing',
  });
});

test('it ends at the time that is set, or a day after the start, and is told until then', async () => {
  const observe = { BITPANDA_WEBHOOK_KEYS: KEYS, BITPANDA_SIGNATURES: 'observe' };
  const partner = configured(observe);
  const authenticate = partner.reception()?.authenticate;
  expect(partner.notices()).toEqual([expect.stringContaining('observe until 2025-10-10T08:53:20.000Z')]);
  jest.setSystemTime((NOW_SECONDS + 86_400) * 1000);
  expect(partner.notices()).toEqual([]);
  const later = { ...wrong, receivedAtMs: (NOW_SECONDS + 86_400) * 1000 };
  expect(await authenticate?.(later)).toMatchObject({ ok: false, reason: 'signature-wrong' });
  const ended = { ...observe, BITPANDA_SIGNATURES_UNTIL: '2025-10-09T00:00:00Z' };
  expect(configured(ended).notices()).toEqual([]);
  expect(await judge(ended, wrong)).toMatchObject({ ok: false });
});

test('it keeps a bounded number, and no long bodies', async () => {
  const authenticate = configured({ BITPANDA_SIGNATURES: 'observe' }).reception()?.authenticate;
  const long = { ...wrong, body: Buffer.alloc(65_537, 32) };
  expect(await authenticate?.(long)).toMatchObject({ ok: false });
  const judged = [];
  for (let count = 0; count < 1_001; count += 1) judged.push(await authenticate?.(wrong));
  expect(judged.filter((one) => one?.ok === true)).toHaveLength(1_000);
  expect(judged.at(-1)).toMatchObject({ ok: false });
});

test.each([
  ['an end too far ahead', { BITPANDA_SIGNATURES: 'observe', BITPANDA_SIGNATURES_UNTIL: '2025-10-20T00:00:00Z' }],
  ['an end without an offset', { BITPANDA_SIGNATURES: 'observe', BITPANDA_SIGNATURES_UNTIL: '2025-10-10T00:00:00' }],
  ['an end of nothing', { BITPANDA_SIGNATURES_UNTIL: '2025-10-10T00:00:00Z' }],
  ['another word', { BITPANDA_SIGNATURES: 'off' }],
])('%s is refused', (_what, environment) => {
  const read = createVariableReader(environment);
  bitpanda.configure(read);
  expect(read.bad).toHaveLength(1);
});

describe('headers of our own', () => {
  const headers = JSON.stringify({ 'X-Key': ['newer', 'older'] });
  const shown = (value: string): IncomingRequest => ({ ...wrong, rawHeaders: [['x-key', value]] });

  test('authenticate what comes to one URL or to one each', async () => {
    const environment = { BITPANDA_WEBHOOK_HEADERS: headers };
    expect(await judge(environment, shown('older'))).toMatchObject({ ok: true, verdict: 'authentic' });
    expect(await judge(environment, shown('other'))).toMatchObject({ ok: false, reason: 'header-wrong' });
    expect(configured(environment).reception()).toMatchObject({ oneAddress: 'too', credentialHeaders: ['x-key'] });
  });

  test('never take the place of a signature where keys are set', async () => {
    const environment = { BITPANDA_WEBHOOK_HEADERS: headers, BITPANDA_WEBHOOK_KEYS: KEYS };
    expect(await judge(environment, shown('newer'))).toMatchObject({ ok: false, reason: 'signature-missing' });
    expect(await judge(environment, requestOf(signer))).toMatchObject({ ok: true });
  });
});
