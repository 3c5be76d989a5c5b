import { DefaultLogger, Runtime } from '@temporalio/worker';

/**
 * Setting of the SDK that suppresses its own output. Its native part would print each history that breaks to standard
 * output, with the stack, in the middle of the output that another program reads. Call it once per process, right
 * before a replay: it ends with the replay's worker, and keeps a process without one from ending.
 */
export function quietRuntime(): void {
  Runtime.install({
    logger: new DefaultLogger('ERROR', () => undefined),
    telemetryOptions: { logging: { filter: 'off', forward: {} } },
    shutdownSignals: [],
  });
}
