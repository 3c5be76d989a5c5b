/**
 * `npm run test:fast`: the tests that need no server, for the inner loop. `npm test` runs them too, with all the others;
 * a test that is listed here and needs a server fails, because there is none.
 */
const FOLDERS = ['bench', 'config', 'docs', 'domain', 'partners', 'setup', 'simulator'];

const FILES = [
  'activities/failures',
  'commands/failure',
  'development/variables',
  'dispatch/parked',
  'http/client-address',
  'http/health',
  'http/receiver-ports',
  'http/worker-metrics',
  'privacy/sealing',
  'privacy/variables',
  'telemetry/configuration',
  'telemetry/store-metrics',
  'telemetry/traces-of',
  'tools/incremental-bundle',
  'workflows/patches',
];

/** Tests of these folders that need servers. */
const NEED_SERVERS = ['partners/example'];

/** These need no server, and take 20 seconds each. */
const SLOW = [
  'domain/corporate-actions/generated-sets',
  'domain/corporate-actions/judge-properties',
  'partners/mutated-requests',
];

module.exports = {
  ...require('./jest.config.cjs'),
  testMatch: [
    ...FOLDERS.map((folder) => `<rootDir>/test/${folder}/**/*.test.ts`),
    ...FILES.map((file) => `<rootDir>/test/${file}.test.ts`),
  ],
  testPathIgnorePatterns: [...NEED_SERVERS, ...SLOW].map((file) => `/test/${file}\\.test\\.ts$`),
  globalSetup: undefined,
  globalTeardown: undefined,
};
