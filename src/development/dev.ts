import { stopSignal } from '../processes/stop-signal';
import { describeStack, removeDevelopmentFile, writeDevelopmentFile } from './development-file';
import { dataFolder } from './folders';
import { startStack } from './stack';

const DUE_MS = 4_000;
const USUAL_PORT = 8080;

/** Exit code of `partnerflow dev`: everything on this machine, left running until it is stopped. Development only. */
export async function runDev(): Promise<0> {
  const environment = process.env;
  const stopped = stopSignal();
  const stack = await startStack({
    environment,
    databaseUrl: environment.DATABASE_URL,
    temporalAddress: environment.TEMPORAL_ADDRESS,
    dataFolder: dataFolder('dev'),
    keepsFlows: true,
    usualPort: USUAL_PORT,
    dueMs: DUE_MS,
    seed: `dev-${Date.now()}`,
    usualLogLevel: 'warn',
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
