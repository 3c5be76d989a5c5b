import { Connection } from '@temporalio/client';
import { ConstantBackoff, handleAll, handleWhen, retry } from 'cockatiel';

import { DevelopmentServerError, lastLine, startGuarded } from './guarded-process';
import { freePort, requireFreePort } from './ports';
import { locateTemporal } from './temporal-binaries';

export interface RunningTemporal {
  readonly address: string;
  /** Null where the server runs without its Web UI. */
  readonly uiUrl: string | null;
  /** Prometheus text of the server's own metrics, among them the billed `action`. */
  readonly metricsUrl: string;
  stop(): Promise<void>;
}

export interface TemporalOptions {
  readonly port?: number;
  readonly uiPort?: number;
  readonly withUi: boolean;
  /** A database file, so that a restart goes on where it was; in memory without. */
  readonly databaseFile?: string;
  /** Lets tests move the clock of single workflows. A young feature of the server: never outside tests. */
  readonly timeSkipping?: boolean;
}

/** Timers of the dev server fire about a second late without it, which would drown what a demo wants to show. */
const PROMPT_TIMERS = 'history.timerProcessorMaxTimeShift="10ms"';

function flagsOf(options: TemporalOptions, port: number, uiPort: number, metricsPort: number): string[] {
  const file = options.databaseFile;
  return [
    'server',
    'start-dev',
    ...['--ip', '127.0.0.1', '--port', String(port), '--metrics-port', String(metricsPort), '--log-level', 'error'],
    ...['--dynamic-config-value', PROMPT_TIMERS],
    ...(options.timeSkipping === true ? ['--dynamic-config-value', 'frontend.WorkflowTimeSkippingEnabled=true'] : []),
    ...(options.withUi ? ['--ui-port', String(uiPort), '--ui-disable-news-fetch'] : ['--headless']),
    ...(file === undefined
      ? []
      : ['--db-filename', file, '--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=NORMAL']),
  ];
}

const CALL_TIMEOUT_MS = 2_000;

/** Ready means that the namespace answers, not that a port is open. */
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

const MOST_STARTS = 3;

/**
 * Starts a Temporal dev server with its Web UI. Development only: one process, no authentication, loopback.
 * It chooses ports of its own inside, and dies at once where another process takes one in that moment: tried again.
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
  };
}
