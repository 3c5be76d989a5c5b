import type { SubjectKey } from '../../src/domain/subject-key';
import { createBitpandaReader } from '../../src/partners/bitpanda/client';
import { createCoinifyReader } from '../../src/partners/coinify/client';
import type { ObjectAnswer, PartnerReader } from '../../src/partners/reading';
import { createTradevestReader } from '../../src/partners/tradevest/client';
import { createWorkerMetrics } from '../../src/telemetry/worker-metrics';
import { startScriptedServer } from './scripted-server';

const ID = '123e4567-e89b-12d3-a456-426614174000';
const credentials = { clientId: 'c', clientSecret: 's' };

interface Example {
  readonly key: SubjectKey;
  readonly answer: object;
  readonly readerAt: (url: string) => PartnerReader;
  readonly status: string;
  readonly unread: readonly string[];
}

const EXAMPLES: readonly Example[] = [
  {
    key: { partner: 'tradevest', object: 'order', id: ID },
    answer: { status: 'FILLED', modifiedOn: 'noon', quantity: 'five', isin: 'DE0000000001' },
    readerAt: (url) =>
      createTradevestReader({
        ...{ apiUrl: url, tokenUrl: `${url}/token`, ...credentials },
        ...{ requestorId: '3f8f0f0e-5a55-4b2f-8c57-0a3c6f9f8b11', timeoutMs: 10_000 },
      }),
    status: 'FILLED',
    unread: ['modifiedOn', 'quantity'],
  },
  {
    key: { partner: 'coinify', object: 'trade', id: '1235' },
    answer: { id: 1235, state: 'completed', inAmount: '1,5' },
    readerAt: (url) => createCoinifyReader({ apiUrl: url, timeoutMs: 10_000, credentials: { accessToken: 'static' } }),
    status: 'completed',
    unread: ['inAmount'],
  },
  {
    key: { partner: 'bitpanda', object: 'transfer', id: ID },
    answer: { data: [{ id: ID, transaction_status: 'finished', fail_reason: 'a sentence', fiat_amount: [] }] },
    readerAt: (url) =>
      createBitpandaReader({ apiUrl: url, tokenUrl: `${url}/token`, ...credentials, timeoutMs: 10_000 }),
    status: 'finished',
    unread: ['fail_reason', 'fiat_amount'],
  },
];

test.each(EXAMPLES)(
  'fields of $key.partner that decide nothing are left out of a read, and counted',
  async (example) => {
    const { key, answer, readerAt, status, unread } = example;
    const token = { access_token: 'a', refresh_token: 'r', expires_in: 600 };
    const server = await startScriptedServer(({ path }) => ({ status: 200, body: path === '/token' ? token : answer }));
    try {
      const metrics = createWorkerMetrics([key.partner]);
      const answers: ObjectAnswer[] = [];
      const reader = metrics.watchReader(key.partner, readerAt(server.url));
      expect(await reader.read(key, { userId: 'u-1' }, (one) => answers.push(one))).toMatchObject({ status });
      expect(answers.map((one) => one.unread.map(({ path }) => path).sort())).toEqual([unread]);
      const series = await metrics.registry.getSingleMetricAsString('partnerflow_unread_fields_total');
      for (const field of unread)
        expect(series).toContain(`{partner="${key.partner}",event="read:${key.object}",field="${field}"} 1`);
    } finally {
      await server.close();
    }
  },
);
