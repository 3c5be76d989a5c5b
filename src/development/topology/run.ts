import { randomBytes } from 'node:crypto';
import { join } from 'node:path';

import { Command } from 'commander';

import { stopSignal } from '../../processes/stop-signal';
import { developmentCredentials } from '../credentials';
import { dataFolder } from '../folders';
import { DevelopmentServerError } from '../guarded-process';
import { startPostgres } from '../postgres';
import { startSimulators } from '../simulators';
import { createCleanupStack } from '../../lib/cleanup-stack';
import { type RunningTemporal, startTemporal } from '../temporal';
import { startTemporalServer } from '../temporal-server';
import { stackVariables } from '../variables';
import { readTemporalServer } from './compose-file';
import { startTopology, type Topology } from './topology';

const DUE_MS = 4_000;
const COMPOSE = join(process.cwd(), 'docker-compose.yml');

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
async function run({ temporalServer }: { readonly temporalServer?: boolean }): Promise<void> {
  const stopped = stopSignal();
  const credentials = developmentCredentials({});
  const cleanup = createCleanupStack();
  try {
    const postgres = await startPostgres({ folder: dataFolder(`topology-${randomBytes(4).toString('hex')}`) });
    cleanup.add(() => postgres.stop());
    const temporal = await (temporalServer === true
      ? startWholeServer(postgres.url)
      : startTemporal({ withUi: true, ordersQueues: true }));
    cleanup.add(() => temporal.stop());
    const common = { deliverTo: 'http://127.0.0.1:1', dueMs: DUE_MS, seed: 'topology' };
    const simulators = await startSimulators({}, credentials, common, cleanup);
    const topology = await startTopology({
      composePath: COMPOSE,
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

async function startWholeServer(databaseUrl: string): Promise<RunningTemporal> {
  return startTemporalServer({
    databaseUrl,
    folder: dataFolder(`temporal-${randomBytes(4).toString('hex')}`),
    settings: readTemporalServer(COMPOSE),
    progress: (text) => process.stderr.write(`${text}\n`),
  });
}

const program = new Command('topology')
  .description('docker-compose.yml without containers, until it is stopped')
  .option(
    '--temporal-server',
    'run the Temporal server of docker-compose.yml, built from its Go module, not the dev server',
  )
  .action(run);

program.parseAsync().catch((error: unknown) => {
  if (!(error instanceof DevelopmentServerError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
