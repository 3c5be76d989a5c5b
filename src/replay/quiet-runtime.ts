import { DefaultLogger, Runtime } from '@temporalio/worker';

/**
 * The SDK without a word of its own. Its native part would print each history that breaks to standard output, with the
 * stack, in the middle of what a program reads there. Once per process, right
 * before a replay: it ends with the replay's worker, and keeps a process without one from ending.
 */
export function quietRuntime(): void {
  Runtime.install({
    logger: new DefaultLogger('ERROR', () => undefined),
    telemetryOptions: { logging: { filter: 'off', forward: {} } },
    shutdownSignals: [],
  });
}
