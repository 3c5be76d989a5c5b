import { processEnvironment, readConfiguration } from '../config/configuration';
import { PARTNERS } from '../partners';
import { createLogger } from '../telemetry/logger';
import { stopSignal } from '../processes/stop-signal';
import { EXIT, type ExitCode } from './exit-codes';
import { complain, say } from './output';

/** `partnerflow setup`: migrations, namespace, search attributes; idempotent. */
export async function setup(): Promise<ExitCode> {
  const configuration = readConfiguration(processEnvironment(), 'setup', PARTNERS);
  const { runSetup } = await import('../processes/setup.js');
  const isChecked = await runSetup(configuration);
  say('The database and Temporal are set up.');
  if (!isChecked) {
    const { SEARCH_ATTRIBUTES } = await import('../temporal/setup.js');
    const names = Object.keys(SEARCH_ATTRIBUTES).join(', ');
    complain(`Temporal keeps its search attributes to itself: these have to be there before flows start: ${names}`);
  }
  return EXIT.done;
}

/** `partnerflow receive`: keeps and dispatches deliveries until it is stopped. */
export async function receive(): Promise<ExitCode> {
  const configuration = readConfiguration(processEnvironment(), 'receive', PARTNERS);
  const { startReceiver } = await import('../processes/receiver.js');
  const stopped = stopSignal();
  const receiver = await startReceiver(configuration, createLogger(configuration.logLevel, 'receiver'));
  await stopped;
  await receiver.stop();
  return EXIT.done;
}

/** `partnerflow dispatch`: dispatches deliveries until it is stopped; the batches under way are finished. */
export async function dispatch(): Promise<ExitCode> {
  const configuration = readConfiguration(processEnvironment(), 'dispatch', PARTNERS);
  const { startDispatching } = await import('../processes/dispatcher.js');
  const stopped = stopSignal();
  const dispatcher = await startDispatching(configuration, createLogger(configuration.logLevel, 'dispatcher'));
  await stopped;
  await dispatcher.stop();
  return EXIT.done;
}

/** `partnerflow work`: runs workflows and activities until it is stopped; activities under way are finished. */
export async function work(): Promise<ExitCode> {
  const configuration = readConfiguration(processEnvironment(), 'work', PARTNERS);
  const { installRuntime, serveWorkerMetrics, startWorker } = await import('../processes/worker.js');
  const { runUntilStopped } = await import('../processes/worker-end.js');
  const logger = createLogger(configuration.logLevel, 'worker');
  const stopping = new AbortController();
  const stopped = stopSignal().then(() => {
    stopping.abort();
  });
  const { metricsHost, metricsPort, sdkMetricsPort } = configuration.worker;
  installRuntime(logger, sdkMetricsPort, metricsHost);
  try {
    const worker = await startWorker(configuration, logger, stopping.signal);
    await runUntilStopped(worker, stopped, () => serveWorkerMetrics(metricsPort, worker, metricsHost));
  } catch (error) {
    // Stopped while it still waited for Temporal: nothing was started, nothing is to be finished.
    if (!stopping.signal.aborted) throw error;
  }
  return EXIT.done;
}
