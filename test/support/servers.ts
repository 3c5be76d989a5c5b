/** Servers that the global set-up started, as it passes them to the test files. */
export interface TestServers {
  readonly databaseUrl: string;
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

/** Servers of this run; an error, never a silent skip, where they are missing. */
export function testServers(): TestServers {
  const text = process.env[VARIABLE];
  if (text === undefined) throw new Error('the servers of the test run are missing: run the tests by npm test');
  const servers: TestServers = JSON.parse(text);
  return servers;
}
