import { processEnvironment, readConfiguration } from '../config/configuration';
import { PARTNERS } from '../partners';
import { createLogger } from '../telemetry/logger';
import { stopSignal } from '../processes/stop-signal';
import type { ContractResult } from '../store/contract';
import { EXIT, type ExitCode, exitWith } from './exit-codes';
import { complain, counted, say } from './output';

/** `partnerflow setup`: migrations, indexes, namespace, search attributes, and what is activated; idempotent. */
export async function setup(options: {
  readonly contract?: boolean;
  readonly activate?: 'corporate-actions';
}): Promise<ExitCode> {
  const configuration = readConfiguration(processEnvironment(), 'setup', PARTNERS);
  const { runSetup } = await import('../processes/setup.js');
  const result = await runSetup(configuration, { ...options, onMoved: createMovedReport() });
  say('The database and Temporal are set up.');
  if (options.activate !== undefined) say(`Activated: ${options.activate}.`);
  if (!result.isTemporalChecked) {
    const { SEARCH_ATTRIBUTES } = await import('../temporal/setup.js');
    const names = Object.keys(SEARCH_ATTRIBUTES).join(', ');
    complain(`Temporal keeps its search attributes to itself: these have to be there before flows start: ${names}`);
  }
  if (result.contracted !== null) return sayContracted(result.contracted);
  if (result.isContractDue)
    say('Release 0.2.0 may go on beside this one. Once all its processes have ended: partnerflow setup --contract');
  return EXIT.done;
}

const PROGRESS_EVERY_MS = 2_000;

/** Report of how many bodies have moved, every few seconds. */
function createMovedReport(): (moved: number, total: number) => void {
  let reportedAtMs = Date.now();
  return (moved, total) => {
    if (Date.now() - reportedAtMs < PROGRESS_EVERY_MS) return;
    reportedAtMs = Date.now();
    complain(`${moved} of ${counted(total, 'body', 'bodies')} moved so far`);
  };
}

function sayContracted(result: ContractResult): ExitCode {
  switch (result.kind) {
    case 'nothing-left':
      say('Nothing of release 0.2.0 is left in the database.');
      return EXIT.done;
    case 'done':
      say(`${counted(result.moved, 'body', 'bodies')} moved. What release 0.2.0 needs of the database is gone.`);
      return EXIT.done;
    case 'in-use':
      return exitWith(
        EXIT.found,
        `${counted(result.processes, 'connection', 'connections')} of release 0.2.0 to the database: end its processes, then run this again.`,
      );
  }
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
