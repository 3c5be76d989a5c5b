import { request } from 'undici';

import { freePort } from '../../src/development/ports';
import { createWorkerMetrics } from '../../src/telemetry/worker-metrics';
import { type RunningWorker, serveWorkerMetrics } from '../../src/processes/worker';
import { runUntilStopped } from '../../src/processes/worker-end';
import { eventually } from '../support/eventually';

function workerWith(databaseAnswers: () => Promise<boolean>): RunningWorker {
  const { registry } = createWorkerMetrics([]);
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

describe('the end of a worker', () => {
  const untilTold = new Promise<void>(() => undefined);

  /** A worker that fails when it is told to, and fails again when it is stopped. */
  function failing() {
    let fail: (error: Error) => void = () => undefined;
    const stopped = new Promise<void>((_, reject) => (fail = reject));
    stopped.catch(() => undefined);
    const stop = jest.fn<Promise<void>, []>(() => Promise.reject(new Error('stopped badly, too')));
    return { fail, stop, worker: { ...workerWith(() => Promise.resolve(true)), stopped, stop } };
  }

  test('that failed closes its own port and says what failed first', async () => {
    const { fail, stop, worker } = failing();
    const port = await freePort();
    const running = runUntilStopped(worker, untilTold, () => serveWorkerMetrics(port, worker));
    const over = expect(running).rejects.toThrow('the queue is gone');
    const url = `http://127.0.0.1:${port}/health/live`;
    await eventually(async () => expect((await request(url)).statusCode).toBe(200));
    fail(new Error('the queue is gone'));
    await over;
    await expect(request(url)).rejects.toThrow('ECONNREFUSED');
    expect(stop).toHaveBeenCalledTimes(1);
  });

  test('whose own port cannot be opened stops its work', async () => {
    const { stop, worker } = failing();
    const serve = () => Promise.reject(new Error('taken'));
    await expect(runUntilStopped(worker, untilTold, serve)).rejects.toThrow('taken');
    expect(stop).toHaveBeenCalledTimes(1);
  });

  test('that is told to stop closes its port and lets its work finish', async () => {
    let stops = 0;
    const worker = {
      ...workerWith(() => Promise.resolve(true)),
      stopped: untilTold,
      stop: () => Promise.resolve(void (stops += 1)),
    };
    const port = await freePort();
    await runUntilStopped(worker, Promise.resolve(), () => serveWorkerMetrics(port, worker));
    await expect(request(`http://127.0.0.1:${port}/health/live`)).rejects.toThrow('ECONNREFUSED');
    expect(stops).toBe(1);
  });
});
