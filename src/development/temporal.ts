import { Connection } from '@temporalio/client';
import { ConstantBackoff, handleAll, handleWhen, retry } from 'cockatiel';

import { DevelopmentServerError, lastLine, startGuarded } from './guarded-process';
import { freePort, requireFreePort } from './ports';
import { locateTemporal } from './temporal-binaries';

/** Running Temporal. */
export interface RunningTemporal {
  readonly address: string;
  /** Address of the Web UI; null where the server runs without it. */
  readonly uiUrl: string | null;
  /** Address of the server's own metrics in Prometheus text, among them the billed `action`. */
  readonly metricsUrl: string;
  stop(): Promise<void>;
  /** End by `kill -9`. */
  kill(): Promise<void>;
}

/** Options of the Temporal server. */
export interface TemporalOptions {
  readonly port?: number;
  readonly uiPort?: number;
  readonly withUi: boolean;
  /** Database file, so that a restart continues; in memory without. */
  readonly databaseFile?: string;
  /** Permission for tests to move the clock of single workflows. A young feature of the server: never outside tests. */
  readonly timeSkipping?: boolean;
  /** Task queues are ordered by priority, and shared fairly within it. */
  readonly ordersQueues?: boolean;
  /** Number of partitions of each task queue; each is ordered by itself, so that tests of the order want a single one. */
  readonly partitions?: number;
}

const MOST_STARTS = 3;

/**
 * Temporal dev server with its Web UI. Development only: one process, no authentication, loopback. It chooses ports
 * of its own inside, and dies at once where another process takes one in that moment: then it is started again.
 */
export async function startTemporal(options: TemporalOptions): Promise<RunningTemporal> {
  const again = retry(
    handleWhen((error) => error instanceof DevelopmentServerError && options.port === undefined),
    { maxAttempts: MOST_STARTS - 1, backoff: new ConstantBackoff(200) },
  );
  return again.execute(() => startOnce(options));
}

async function startOnce(options: TemporalOptions): Promise<RunningTemporal> {
  const command = await locateTemporal();
  if (options.port !== undefined) await requireFreePort(options.port, 'the Temporal server');
  if (options.uiPort !== undefined) await requireFreePort(options.uiPort, 'the Temporal Web UI');
  const port = options.port ?? (await freePort());
  const uiPort = options.uiPort ?? (await freePort());
  const metricsPort = await freePort();
  const server = startGuarded({ command, arguments: flagsOf(options, port, uiPort, metricsPort), stopSignal: 'INT' });
  let isOver = false;
  void server.ended.then(() => (isOver = true));
  const address = `127.0.0.1:${String(port)}`;
  const patiently = retry(
    handleAll.orWhen(() => !isOver),
    { maxAttempts: 100, backoff: new ConstantBackoff(100) },
  );
  try {
    await patiently.execute(() => answers(address));
  } catch {
    await server.stop();
    throw new DevelopmentServerError(`The Temporal server did not start: ${lastLine(server.output())}`);
  }
  return {
    address,
    uiUrl: options.withUi ? `http://127.0.0.1:${String(uiPort)}` : null,
    metricsUrl: `http://127.0.0.1:${String(metricsPort)}/metrics`,
    stop: () => server.stop(),
    kill: () => server.kill(),
  };
}

/**
 * Setting without which timers of the dev server fire about a second late, which would hide the delays a
 * demonstration shows.
 */
const PROMPT_TIMERS = 'history.timerProcessorMaxTimeShift="10ms"';

function queueSettings({ ordersQueues, partitions }: TemporalOptions): readonly string[] {
  const count = String(partitions);
  return [
    ...(ordersQueues === true ? ['matching.useNewMatcher=true', 'matching.enableFairness=true'] : []),
    ...(partitions === undefined
      ? []
      : [`matching.numTaskqueueReadPartitions=${count}`, `matching.numTaskqueueWritePartitions=${count}`]),
  ];
}

function flagsOf(options: TemporalOptions, port: number, uiPort: number, metricsPort: number): string[] {
  const file = options.databaseFile;
  return [
    'server',
    'start-dev',
    ...['--ip', '127.0.0.1', '--port', String(port), '--metrics-port', String(metricsPort), '--log-level', 'error'],
    ...[PROMPT_TIMERS, ...queueSettings(options)].flatMap((setting) => ['--dynamic-config-value', setting]),
    ...(options.timeSkipping === true ? ['--dynamic-config-value', 'frontend.WorkflowTimeSkippingEnabled=true'] : []),
    ...(options.withUi ? ['--ui-port', String(uiPort), '--ui-disable-news-fetch'] : ['--headless']),
    ...(file === undefined
      ? []
      : ['--db-filename', file, '--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=NORMAL']),
  ];
}

const CALL_TIMEOUT_MS = 2_000;

/** Promise that resolves when the namespace answers, which is more than an open port. */
async function answers(address: string): Promise<void> {
  const connection = await Connection.connect({ address, connectTimeout: CALL_TIMEOUT_MS });
  try {
    await connection.withDeadline(Date.now() + CALL_TIMEOUT_MS, () =>
      connection.workflowService.describeNamespace({ namespace: 'default' }),
    );
  } finally {
    await connection.close();
  }
}
