import { rmSync } from 'node:fs';
import { dirname } from 'node:path';

import { dataFolder } from '../../src/development/folders';
import { started } from './global-setup';
import { testServers } from './servers';

/** End of the servers that the global set-up started. */
export default async function tearDown(): Promise<void> {
  await Promise.all([started.postgres?.stop(), started.oldestPostgres?.stop(), started.temporal?.stop()]);
  for (const name of ['test', 'test-15'])
    rmSync(dataFolder(`${name}-${String(process.pid)}`), { recursive: true, force: true });
  rmSync(dirname(testServers().workflowBundlePath), { recursive: true, force: true });
}
