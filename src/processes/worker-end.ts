import type { Listener } from '../http/server/listener';
import type { RunningWorker } from './worker';

/**
 * Service of a worker's own port until `stop` resolves or the worker fails; port and worker both end, whichever
 * failed first. Left open, the port would report that the process is alive, and nobody would restart it. Rejects with
 * the first failure: errors while everything is ended add nothing.
 */
export async function runUntilStopped(
  worker: Pick<RunningWorker, 'stop' | 'stopped'>,
  stopRequested: Promise<void>,
  serve: () => Promise<Listener | null>,
): Promise<void> {
  let listener: Listener | null = null;
  try {
    listener = await serve();
    await Promise.race([stopRequested, worker.stopped]);
  } catch (error) {
    await Promise.allSettled([listener?.close(), worker.stop()]);
    throw error;
  }
  await listener?.close();
  await worker.stop();
}
