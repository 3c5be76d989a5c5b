import { EVERY_FIXTURE } from './fixture-table';
import { webhookOf } from './fixture-webhook';
import { head } from '../http/receiver-on-sockets';
import { reportBody, type SignedReceiver, startSigned } from './signed-receiver';

jest.setTimeout(120_000);

const KEY = 'key-we-chose';
let receiver: SignedReceiver;

beforeAll(async () => {
  receiver = await startSigned({
    BITPANDA_WEBHOOK_HEADERS: JSON.stringify({ 'x-partner-key': [KEY] }),
    BITPANDA_ADDRESSES: '203.0.113.0/24, 2001:db8::/32',
    TRUSTED_PROXIES: '127.0.0.0/8',
  });
});
afterAll(() => receiver.close());

interface Sent {
  readonly path?: string;
  readonly key?: string;
  readonly from?: string;
  readonly body?: string;
}

function webhook({ path = '/webhooks/bitpanda', key = KEY, from = '203.0.113.7', body = reportBody() }: Sent): string {
  const length = `Content-Length: ${Buffer.byteLength(body)}`;
  const headers = [`X-Partner-Key: ${key}`, `X-Forwarded-For: ${from}`, length, 'Connection: close'];
  return head(`POST ${path}`, headers) + body;
}

const fixtures = EVERY_FIXTURE.filter(({ partner }) => partner === 'bitpanda');

test.each(fixtures)('$file comes to one URL, and its body says which event it is', async (fixture) => {
  const { body } = webhookOf(fixture, receiver.whole.receiver.url);
  const { status, id } = await receiver.send(webhook({ body }));
  expect(status).toBe(200);
  expect(await receiver.became(id)).toMatchObject({ event: fixture.event });
});

test('what no event says is kept and parked with the names of its fields', async () => {
  const { status, id } = await receiver.send(webhook({ body: '{"params":{"iban":"DE00"}}' }));
  expect(status).toBe(200);
  expect(await receiver.became(id)).toMatchObject({ status: 'parked', problem: { found: 'the fields iban' } });
});

test('the paths of each event go on working', async () => {
  const { status, id } = await receiver.send(webhook({ path: '/webhooks/bitpanda/reports' }));
  expect(status).toBe(200);
  expect(await receiver.became(id)).toMatchObject({ status: 'delivered', event: 'reports' });
});

test.each([
  ['another key', { key: 'guessed' }],
  ['another address', { from: '198.51.100.1' }],
  ['an address that the sender itself put first', { from: '203.0.113.7, 198.51.100.1' }],
])('%s is refused', async (_what, sent) => {
  expect(await receiver.send(webhook(sent))).toEqual({ status: 401, id: '' });
});

test('the credential is never stored, also of what is refused for its address', async () => {
  const { rows } = await receiver.database.pool.query<{ stored: string }>(
    'SELECT headers::text AS stored FROM deliveries UNION ALL SELECT raw::text FROM rejections WHERE raw IS NOT NULL',
  );
  expect(rows.length).toBeGreaterThan(fixtures.length);
  expect(rows.filter(({ stored }) => stored.includes(KEY))).toEqual([]);
});

test('what was right but for its address comes in once the list is right', async () => {
  const { database } = receiver;
  const kept = await database.pool.query("SELECT id FROM rejections WHERE reason = 'address' AND raw IS NOT NULL");
  expect(kept.rows).toHaveLength(2);
  expect(await receiver.run('rejected', 'retry')).toMatchObject({ code: 1 });
  const wider = await receiver.run('rejected', 'retry', '--dry-run');
  expect(wider.out).toContain('address');
});
