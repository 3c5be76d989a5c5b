import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { dataFolder } from '../../src/development/folders';
import { DevelopmentServerError } from '../../src/development/guarded-process';
import { type RunningPostgres, startPostgres } from '../../src/development/postgres';
import { type RunningTemporal, startTemporal } from '../../src/development/temporal';
import { locateTestServer } from '../../src/development/temporal-binaries';
import { PARTNERS } from '../../src/partners';
import { bundleWorkflows } from '../../src/tools/bundle-workflows';
import { connectionOf, setUpOn } from './set-up-temporal';
import { publishServers } from './servers';

/** Servers started for the run, stopped by the global tear-down. */
export const started: { postgres?: RunningPostgres; oldestPostgres?: RunningPostgres; temporal?: RunningTemporal } = {};

async function database(): Promise<string> {
  const given = process.env.PARTNERFLOW_TEST_DATABASE_URL;
  if (given !== undefined) return given;
  started.postgres = await startPostgres({ folder: dataFolder(`test-${String(process.pid)}`) });
  return started.postgres.url;
}

async function oldestDatabase(): Promise<string | null> {
  const given = process.env.PARTNERFLOW_TEST_OLDEST_DATABASE_URL;
  if (given !== undefined) return given;
  try {
    started.oldestPostgres = await startPostgres({ folder: dataFolder(`test-15-${String(process.pid)}`), release: 15 });
    return started.oldestPostgres.url;
  } catch (error) {
    // The tests that need it say so.
    if (error instanceof DevelopmentServerError) return null;
    throw error;
  }
}

async function temporal(): Promise<{ address: string; metricsUrl: string }> {
  const given = process.env.PARTNERFLOW_TEST_TEMPORAL_ADDRESS;
  if (given !== undefined) return { address: given, metricsUrl: '' };
  started.temporal = await startTemporal({ withUi: false, timeSkipping: true });
  return started.temporal;
}

async function bundle(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'partnerflow-bundle-'));
  const path = join(folder, 'workflows.js');
  const partnerFolders = PARTNERS.modules.map((module) => module.folder);
  const root = join(__dirname, '..', '..');
  const code = await bundleWorkflows({
    root,
    partnerFolders,
    entryPath: join(root, '.partnerflow', `entry-${String(process.pid)}.js`),
  });
  writeFileSync(path, code);
  return path;
}

/** Set-up of one PostgreSQL, one Temporal dev server and one workflow bundle for the whole run. */
export default async function setUp(): Promise<void> {
  const [databaseUrl, oldestDatabaseUrl, server, testServerPath, workflowBundlePath] = await Promise.all([
    database(),
    oldestDatabase(),
    temporal(),
    locateTestServer(),
    bundle(),
  ]);
  const connection = await connectionOf(server.address);
  await setUpOn(connection, 'default');
  await connection.close();
  publishServers({
    databaseUrl,
    oldestDatabaseUrl,
    temporalAddress: server.address,
    temporalMetricsUrl: server.metricsUrl,
    testServerPath,
    workflowBundlePath,
  });
}
