import type { Listener } from '../http/server/listener';
import type { RunningWorker } from './worker';

/**
 * Serves a worker's own port until it is told to stop or until the worker fails; both end with it, whatever failed
 * first. Left open, the port would say that the process lives, and nobody would start it anew. Rejects with the first
 * failure: what fails while all is ended says nothing new.
 */
export async function runUntilStopped(
  worker: Pick<RunningWorker, 'stop' | 'stopped'>,
  told: Promise<void>,
  serve: () => Promise<Listener | null>,
): Promise<void> {
  let listener: Listener | null = null;
  try {
    listener = await serve();
    await Promise.race([told, worker.stopped]);
  } catch (error) {
    await Promise.allSettled([listener?.close(), worker.stop()]);
    throw error;
  }
  await listener?.close();
  await worker.stop();
}
