import { newSigner } from '../partners/bitpanda-requests';
import { type SignedReceiver, startSigned, written } from './signed-receiver';

jest.setTimeout(120_000);

const signer = newSigner('key-of-bitpanda');
const PATH = '/webhooks/bitpanda/automated-orders';

let receiver: SignedReceiver;

beforeAll(async () => {
  receiver = await startSigned({
    BITPANDA_WEBHOOK_KEYS: JSON.stringify({ keys: [signer.key] }),
    BITPANDA_SIGNATURES: 'observe',
    BITPANDA_SANDBOX: 'park',
  });
});
afterAll(() => receiver.close());

const covers = (digest: string): readonly string[] => [
  '"@method": POST',
  `"@path": ${PATH}`,
  `"content-digest": ${digest}`,
];

function order(tradeId: string, domain: string): string {
  const params = { trade_id: tradeId, user_id: 'u-1', status: 'finished', domain_slug: domain, created_at: 'x' };
  return JSON.stringify({ params });
}

test('what fails is answered 200, parked with the reason, followed by nothing, and let in by --accept alone', async () => {
  const body = order('observed-1', 'b2b2c');
  const { status, id } = await receiver.send(written({ signer: newSigner(signer.keyid), target: PATH, covers, body }));
  expect(status).toBe(200);
  expect(await receiver.became(id)).toMatchObject({
    status: 'parked',
    event: 'automated-orders',
    problem: { path: 'signature', found: 'signature-observed: signature-wrong' },
  });
  expect((await receiver.whole.get('/operations/flows/bitpanda%3Aorder%3Aobserved-1')).status).toBe(404);
  expect(await receiver.run('retry', '--all')).toMatchObject({ code: 0 });
  expect(await receiver.became(id)).toMatchObject({ status: 'parked' });
  expect(await receiver.run('retry', id, '--accept-old', '--reason', 'looked')).toMatchObject({ code: 1 });
  expect(await receiver.run('retry', id, '--accept', '--reason', 'they say they sent it')).toMatchObject({ code: 0 });
  expect(await receiver.became(id)).toMatchObject({ status: 'delivered' });
  expect((await receiver.whole.get('/operations/flows/bitpanda%3Aorder%3Aobserved-1')).status).toBe(200);
  const { body: balance } = await receiver.whole.get('/operations/balance');
  expect(balance).toMatchObject({ rejected: 0, received: 1, delivered: 1, parked: 0 });
});

test('what is right is dispatched as ever', async () => {
  const { id } = await receiver.send(written({ signer, target: PATH, covers, body: order('observed-2', 'b2b2c') }));
  expect(await receiver.became(id)).toMatchObject({ status: 'delivered' });
});

test('everybody who looks is told, in the log and on the first page', async () => {
  expect(receiver.whole.logged()).toContain('BITPANDA_SIGNATURES is observe until');
  const login = await fetch(`${receiver.whole.receiver.url}/operations/page/login`, {
    method: 'POST',
    body: new URLSearchParams({ token: 'token-of-alice' }),
    headers: { origin: receiver.whole.receiver.url },
    redirect: 'manual',
  });
  const cookie = login.headers.get('set-cookie')?.split(';')[0] ?? '';
  const page = await fetch(`${receiver.whole.receiver.url}/operations/`, {
    headers: { cookie, accept: 'text/html' },
  });
  expect(await page.text()).toContain('BITPANDA_SIGNATURES is observe until');
});

test('what comes from a test domain is parked in production', async () => {
  const { id } = await receiver.send(written({ signer, target: PATH, covers, body: order('observed-3', 'b2b2c_qa') }));
  expect(await receiver.became(id)).toMatchObject({
    status: 'parked',
    event: 'automated-orders',
    problem: { path: 'params.domain_slug', found: 'b2b2c_qa' },
  });
});
