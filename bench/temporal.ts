import { join } from 'node:path';

import { type RunningTemporal, startTemporal } from '../src/development/temporal';
import { startTemporalServer } from '../src/development/temporal-server';
import { readTemporalServer } from '../src/development/topology/compose-file';

/** Variable by which the processes of a benchmark know that it runs on the Temporal server, not on the dev server. */
export const ON_TEMPORAL_SERVER = 'BENCH_ON_TEMPORAL_SERVER';

/** Temporal for a benchmark: the dev server, or the server of docker-compose.yml on the PostgreSQL given. */
export async function startBenchTemporal(databaseUrl: string, folder: string): Promise<RunningTemporal> {
  if (process.env[ON_TEMPORAL_SERVER] === undefined) return startTemporal({ withUi: false });
  return startTemporalServer({
    databaseUrl,
    folder: join(folder, 'temporal'),
    settings: readTemporalServer(join(__dirname, '..', '..', 'docker-compose.yml')),
    progress: (text) => process.stderr.write(`${text}\n`),
  });
}
