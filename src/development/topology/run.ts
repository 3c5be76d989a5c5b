import { randomBytes } from 'node:crypto';
import { join } from 'node:path';

import { stopSignal } from '../../processes/stop-signal';
import { developmentCredentials } from '../credentials';
import { dataFolder } from '../folders';
import { DevelopmentServerError } from '../guarded-process';
import { startPostgres } from '../postgres';
import { startSimulators } from '../simulators';
import { createCleanupStack } from '../../lib/cleanup-stack';
import { startTemporal } from '../temporal';
import { stackVariables } from '../variables';
import { startTopology, type Topology } from './topology';

const DUE_MS = 4_000;

function describe({ services }: Topology, temporalUiUrl: string | null, operationsToken: string): string {
  const lines = [...services].map(([name, { environment, healthUrl }]) => {
    const operations = environment.OPERATIONS_PORT;
    const more = operations === undefined ? '' : `  operations http://127.0.0.1:${operations}/operations`;
    return `${name.padEnd(12)} ${healthUrl ?? ''}${more}`;
  });
  return [...lines, `Temporal UI  ${temporalUiUrl ?? 'none'}`, `operations token ${operationsToken}`].join('\n');
}

/**
 * `npm run topology`: docker-compose.yml without containers, on servers and simulated partners of its own, until it
 * is stopped.
 */
async function run(): Promise<void> {
  const stopped = stopSignal();
  const credentials = developmentCredentials({});
  const cleanup = createCleanupStack();
  try {
    const postgres = await startPostgres({ folder: dataFolder(`topology-${randomBytes(4).toString('hex')}`) });
    cleanup.add(() => postgres.stop());
    const temporal = await startTemporal({ withUi: true, ordersQueues: true });
    cleanup.add(() => temporal.stop());
    const common = { deliverTo: 'http://127.0.0.1:1', dueMs: DUE_MS, seed: 'topology' };
    const simulators = await startSimulators({}, credentials, common, cleanup);
    const topology = await startTopology({
      composePath: join(process.cwd(), 'docker-compose.yml'),
      variables: {
        ...stackVariables({}, credentials, simulators),
        ...(temporal.uiUrl === null ? {} : { TEMPORAL_UI_URL: temporal.uiUrl }),
      },
      databaseUrl: postgres.url,
      temporalAddress: temporal.address,
    });
    process.stdout.write(
      `${describe(topology, temporal.uiUrl, credentials.operationsToken)}\n\nReady. Ctrl-C stops it all.\n`,
    );
    await stopped;
    for (const [name, code] of await topology.stop()) process.stdout.write(`${name} ended with ${String(code)}\n`);
  } finally {
    await cleanup.stop();
  }
}

run().catch((error: unknown) => {
  if (!(error instanceof DevelopmentServerError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
