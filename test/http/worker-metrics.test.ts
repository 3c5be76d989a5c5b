import { request } from 'undici';

import { freePort } from '../../src/development/ports';
import { createWorkerMetrics } from '../../src/telemetry/worker-metrics';
import { type RunningWorker, serveWorkerMetrics } from '../../src/worker';

function workerWith(databaseAnswers: () => Promise<boolean>): RunningWorker {
  const { registry } = createWorkerMetrics();
  return { databaseAnswers, polls: () => true, registry, stop: () => Promise.resolve(), stopped: Promise.resolve() };
}

describe('a worker’s own port', () => {
  test('shows the process’s metrics, and is ready only while its database answers', async () => {
    let answers = true;
    const worker = workerWith(() => (answers ? Promise.resolve(true) : Promise.reject(new Error('away'))));
    const listener = await serveWorkerMetrics(await freePort(), worker);
    if (listener === null) throw new Error('nothing listens');
    try {
      const metrics = await request(`${listener.url}/metrics`);
      expect(metrics.statusCode).toBe(200);
      expect(await metrics.body.text()).toContain('partnerflow_worker_process_cpu_seconds_total');
      expect((await request(`${listener.url}/health/ready`)).statusCode).toBe(200);
      answers = false;
      expect((await request(`${listener.url}/health/ready`)).statusCode).toBe(503);
    } finally {
      await listener.close();
    }
  });

  test('does not exist where no port is configured', async () => {
    expect(
      await serveWorkerMetrics(
        null,
        workerWith(() => Promise.resolve(true)),
      ),
    ).toBeNull();
  });
});
