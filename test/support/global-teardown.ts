import { rmSync } from 'node:fs';
import { dirname } from 'node:path';

import { dataFolder } from '../../src/development/folders';
import { started } from './global-setup';
import { testServers } from './servers';

/** End of the servers that the global set-up started. */
export default async function tearDown(): Promise<void> {
  await Promise.all([started.postgres?.stop(), started.temporal?.stop()]);
  if (started.postgres !== undefined)
    rmSync(dataFolder(`test-${String(process.pid)}`), { recursive: true, force: true });
  rmSync(dirname(testServers().workflowBundlePath), { recursive: true, force: true });
}
