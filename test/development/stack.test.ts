import { randomUUID } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { dataFolder } from '../../src/development/folders';
import { startStack } from '../../src/development/stack';

describe('a development set-up that cannot start', () => {
  const known = process.env.TEMPORAL_CLI;
  const folder = dataFolder(`stack-${randomUUID()}`);
  beforeEach(() => {
    process.env.TEMPORAL_CLI = join(folder, 'no-such-program');
  });
  afterEach(() => {
    if (known === undefined) delete process.env.TEMPORAL_CLI;
    else process.env.TEMPORAL_CLI = known;
    rmSync(folder, { recursive: true, force: true });
  });

  it('leaves no PostgreSQL running where there is no Temporal', async () => {
    const starting = startStack({
      environment: {},
      databaseUrl: undefined,
      temporalAddress: undefined,
      dataFolder: folder,
      keepsFlows: false,
      usualPort: null,
      dueMs: 4_000,
      seed: 'stack',
      usualLogLevel: 'silent',
    });
    await expect(starting).rejects.toThrow('TEMPORAL_CLI names');
    // It had been started when the other failed, and has been stopped in an orderly way.
    expect(existsSync(join(folder, 'PG_VERSION'))).toBe(true);
    expect(existsSync(join(folder, 'postmaster.pid'))).toBe(false);
  });
});
