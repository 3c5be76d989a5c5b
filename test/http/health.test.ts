import { createApplication } from '../../src/http/server/application';
import { createHealth } from '../../src/http/server/health';
import { type Listener, startListener } from '../../src/http/server/listener';
import { createReceiverMetrics } from '../../src/telemetry/receiver-metrics';

const metrics = createReceiverMetrics(['tradevest', 'coinify', 'bitpanda']);
let database: () => Promise<boolean> = () => Promise.resolve(true);
let temporal: () => Promise<boolean> = () => Promise.resolve(true);
let listener: Listener;

beforeAll(async () => {
  const health = createHealth({ database: () => database(), temporal: () => temporal(), registry: metrics.registry });
  listener = await startListener(createApplication([health]), { host: '127.0.0.1', port: 0, headersTimeoutMs: 5_000 });
});
afterAll(() => listener.close());

async function get(path: string): Promise<{ status: number; text: string }> {
  const answer = await fetch(`${listener.url}${path}`, { headers: { connection: 'close' } });
  return { status: answer.status, text: await answer.text() };
}

describe('health', () => {
  it('is live without anything else', async () => {
    database = () => Promise.reject(new Error('secret address'));
    expect((await get('/health/live')).status).toBe(200);
  });

  it('is ready with a database; Temporal is reported, not required', async () => {
    database = () => Promise.resolve(true);
    temporal = () => Promise.reject(new Error('away'));
    const { status, text } = await get('/health/ready');
    expect(status).toBe(200);
    expect(JSON.parse(text)).toMatchObject({ database: true, temporal: false });
  });

  it('is not ready when the database fails or hangs, and says no more than that', async () => {
    temporal = () => Promise.resolve(true);
    for (const failing of [
      () => Promise.reject(new Error('secret address')),
      () => new Promise<boolean>(() => undefined),
    ]) {
      database = failing;
      const { status, text } = await get('/health/ready');
      expect(status).toBe(503);
      expect(JSON.parse(text)).toMatchObject({ database: false, temporal: true });
      expect(text).not.toContain('secret');
    }
  });

  it('shows metrics without a word that came from a request', async () => {
    await get('/stranger-was-here');
    metrics.kept('coinify', 0.01);
    metrics.refused('tradevest', 401);
    const { status, text } = await get('/metrics');
    expect(status).toBe(200);
    expect(text).toContain('partnerflow_deliveries_kept_total{partner="coinify"} 1');
    expect(text).toContain('partnerflow_requests_refused_total{partner="tradevest",status="401"} 1');
    expect(text).not.toContain('stranger');
  });

  it('answers 404 without a body to what nobody serves', async () => {
    expect(await get('/stranger-was-here')).toEqual({ status: 404, text: '' });
  });
});
