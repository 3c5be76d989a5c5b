import { readPort } from './read-port';
import { createLogger } from '../logger';
import { stopSignal } from '../stop-signal';
import { describeStack, removeDevelopmentFile, writeDevelopmentFile } from './development-file';
import { dataFolder } from './folders';
import { startStack } from './stack';

const DUE_MS = 4_000;

/** `partnerflow dev`: everything on this machine, left running until it is told to stop. Development only. */
export async function runDev(): Promise<0> {
  const environment = process.env;
  const stopped = stopSignal();
  const stack = await startStack({
    environment,
    databaseUrl: environment.DATABASE_URL,
    temporalAddress: environment.TEMPORAL_ADDRESS,
    dataFolder: dataFolder('dev'),
    keepsFlows: true,
    receiverPort: readPort(environment.RECEIVER_PORT) ?? 8080,
    dueMs: DUE_MS,
    seed: `dev-${Date.now()}`,
    logger: createLogger(environment.LOG_LEVEL ?? 'warn', 'development'),
  });
  try {
    writeDevelopmentFile(stack);
    process.stdout.write(
      `partnerflow, development set-up: not for production.\n\n${describeStack(stack)}\n\nReady. Ctrl-C stops it all.\n`,
    );
    await Promise.race([stopped, stack.worker.stopped]);
    return 0;
  } finally {
    removeDevelopmentFile();
    await stack.stop();
  }
}
