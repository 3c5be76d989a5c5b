import { newSigner } from '../partners/bitpanda-requests';
import { reportBody, type SignedReceiver, startSigned, written, type Written } from './signed-receiver';

jest.setTimeout(120_000);

const signer = newSigner('key-of-bitpanda');
const PATH = '/webhooks/bitpanda/reports';
/** Not in its normal form, and with a path that a proxy may take off. */
const PUBLIC_URL = 'https://Hooks.Bank.Example:443/partners';
const NORMAL = 'https://hooks.bank.example/partners';

let receiver: SignedReceiver;

beforeAll(async () => {
  receiver = await startSigned({
    BITPANDA_WEBHOOK_KEYS: JSON.stringify({ keys: [signer.key] }),
    RECEIVER_PUBLIC_URL: PUBLIC_URL,
  });
});
afterAll(() => receiver.close());

const usual = (digest: string): readonly string[] => [
  '"@method": POST',
  `"@path": ${PATH}`,
  `"content-digest": ${digest}`,
];
const ofTarget =
  (uri: string) =>
  (digest: string): readonly string[] => ['"@method": POST', `"@target-uri": ${uri}`, `"content-digest": ${digest}`];

const kept: readonly (readonly [string, Omit<Written, 'signer'>])[] = [
  ['the normal target', { target: PATH, covers: ofTarget(NORMAL + PATH) }],
  ['the target as our public URL is written', { target: PATH, covers: ofTarget(PUBLIC_URL + PATH) }],
  [
    'the target with the default port',
    { target: PATH, covers: ofTarget(`https://hooks.bank.example:443/partners${PATH}`) },
  ],
  [
    'the target without the path of our public URL',
    { target: PATH, covers: ofTarget(`https://hooks.bank.example${PATH}`) },
  ],
  ['a path that no proxy has taken off', { target: `/partners${PATH}`, covers: ofTarget(NORMAL + PATH) }],
  ['a request target in absolute form', { target: `${NORMAL}${PATH}`, covers: ofTarget(NORMAL + PATH) }],
  [
    'the request target in absolute form, as it was sent',
    {
      target: `${NORMAL}${PATH}`,
      covers: (digest) => [...usual(digest), `"@request-target": ${NORMAL}${PATH}`],
    },
  ],
  [
    'an authority in its normal form',
    { target: PATH, covers: (digest) => [...usual(digest), '"@authority": hooks.bank.example'] },
  ],
  [
    'a query and one of its parameters',
    {
      target: `${PATH}?a=b+c`,
      covers: (digest) => [...usual(digest), '"@query": ?a=b+c', '"@query-param";name="a": b%20c'],
    },
  ],
  [
    'a field serialized strictly, and one as bytes',
    {
      target: PATH,
      headers: ['X-Parts:  a=1,   b=2', 'X-Lines: one', 'X-Lines: two'],
      covers: (digest) => [...usual(digest), '"x-parts";sf: a=1, b=2', '"x-lines";bs: :b25l:, :dHdv:'],
    },
  ],
  [
    'a signature beside another one, each on a line of its own',
    {
      target: PATH,
      covers: usual,
      spread: (input, signature) => [
        'Signature-Input: other=("@method");created=1;keyid="x"',
        `Signature-Input: ${input}`,
        'Signature: other=:AAAA:',
        `Signature: ${signature}`,
      ],
    },
  ],
];

test.each(kept)('%s is kept, understood, and verified again as evidence', async (_what, request) => {
  const { status, id } = await receiver.send(written({ signer, ...request }));
  expect(status).toBe(200);
  expect(await receiver.became(id)).toMatchObject({ status: 'delivered', event: 'reports' });
  const { body } = await receiver.whole.get(`/operations/deliveries/${id}/evidence`);
  expect(body).toMatchObject({ result: 'verified', verdict: { then: 'authentic', now: 'authentic' } });
});

const refused: readonly (readonly [string, Omit<Written, 'signer'>])[] = [
  ['the target at another host', { target: PATH, covers: ofTarget(`https://other.example${PATH}`) }],
  [
    'another value of a query parameter',
    { target: `${PATH}?a=1`, covers: (digest) => [...usual(digest), '"@query": ?a=1', '"@query-param";name="a": 2'] },
  ],
  [
    'a query parameter and not the query',
    { target: `${PATH}?a=1`, covers: (digest) => [...usual(digest), '"@query-param";name="a": 1'] },
  ],
];

test.each(refused)('%s is refused', async (_what, request) => {
  expect(await receiver.send(written({ signer, ...request }))).toEqual({ status: 401, id: '' });
});

describe('what was signed too long ago', () => {
  const OLD_SECONDS = 3_600;
  const old = async (): Promise<string> => {
    const createdSeconds = Math.floor(Date.now() / 1000) - OLD_SECONDS;
    const { status, id } = await receiver.send(
      written({ signer, target: PATH, covers: usual, createdSeconds, body: reportBody() }),
    );
    expect(status).toBe(200);
    expect(await receiver.became(id)).toMatchObject({ status: 'parked', problem: { found: 'signature-too-old' } });
    return id;
  };

  test('is let in by an operator who says why, and by no other retry; the audit has it', async () => {
    const id = await old();
    expect(await receiver.run('retry', id)).toMatchObject({ code: 0 });
    expect(await receiver.became(id)).toMatchObject({ status: 'parked' });
    expect(await receiver.run('retry', id, '--accept', '--reason', 'looked')).toMatchObject({ code: 1 });
    expect(await receiver.run('retry', id, '--accept-old')).toMatchObject({ code: 2 });
    const ran = await receiver.run('retry', id, '--accept-old', '--reason', 'their queue was stuck');
    expect(ran).toMatchObject({ code: 0, out: `${id} goes to dispatch again, accepted.\n` });
    expect(await receiver.became(id)).toMatchObject({ status: 'delivered', event: 'reports' });
    const { body } = await receiver.whole.get(`/operations/deliveries/${id}/evidence`);
    expect(body).toMatchObject({
      verdict: { then: 'signature-too-old', now: 'signature-too-old' },
      deeds: [{ action: 'retry' }, { action: 'accept-old', reason: 'their queue was stuck' }],
    });
  });

  test('is let in by the window, and only of the window', async () => {
    const ids = [await old(), await old()];
    const hour = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString();
    const words = ['--accept-old', '--reason', 'an outage of ours'];
    const before = await receiver.run('retry', '--until', hour(-1), ...words);
    expect(before).toMatchObject({ code: 0, out: '0 deliveries go to dispatch again, accepted.\n' });
    const within = await receiver.run('retry', '--since', hour(-1), '--until', hour(1), ...words);
    expect(within).toMatchObject({ code: 0, out: '2 deliveries go to dispatch again, accepted.\n' });
    for (const id of ids) expect(await receiver.became(id)).toMatchObject({ status: 'delivered' });
  });
});
