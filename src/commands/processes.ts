import { processEnvironment, readConfiguration } from '../config';
import { createLogger } from '../logger';
import { EXIT, type ExitCode } from './exit-codes';
import { say } from './output';

/** Resolves at the first SIGINT or SIGTERM; the second one ends the process at once, for an operator in a hurry. */
function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      stop.abort();
    });
  }
  return stop.signal;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** `partnerflow setup`: migrations, namespace, search attributes; idempotent. */
export async function setup(): Promise<ExitCode> {
  const configuration = readConfiguration(processEnvironment(), 'setup');
  const { runSetup } = await import('../run-setup.js');
  await runSetup(configuration);
  say('The database and Temporal are set up.');
  return EXIT.done;
}

/** `partnerflow receive`: keeps and dispatches until it is told to stop. */
export async function receive(): Promise<ExitCode> {
  const configuration = readConfiguration(processEnvironment(), 'receive');
  const { startReceiver } = await import('../receiver.js');
  const stop = stopSignal();
  const receiver = await startReceiver(configuration, createLogger(configuration.logLevel, 'receiver'));
  await aborted(stop);
  await receiver.stop();
  return EXIT.done;
}

/** `partnerflow work`: runs workflows and activities until it is told to stop; lets activities finish. */
export async function work(): Promise<ExitCode> {
  const configuration = readConfiguration(processEnvironment(), 'work');
  const { installRuntime, startWorker } = await import('../worker.js');
  const logger = createLogger(configuration.logLevel, 'worker');
  const stop = stopSignal();
  installRuntime(logger, configuration.worker.sdkMetricsPort);
  const worker = await startWorker(configuration, logger, stop);
  await Promise.race([aborted(stop), worker.stopped]);
  await worker.stop();
  return EXIT.done;
}
