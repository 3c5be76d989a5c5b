import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';

import { dataFolder } from '../../src/development/folders';
import { startKillablePostgres } from '../../src/development/killable-postgres';
import { testServers } from './servers';

/** PostgreSQL of one test's own, which it may stop, hang and kill without disturbing the others. */
export interface OwnPostgres {
  readonly url: string;
  /** Stop of all its processes where they are: connections stay open and nothing is answered. */
  hang(): void;
  resume(): void;
  /** `kill -9` of all its processes; resolves when it runs again, recovered, on the same port. */
  killAndRestart(): Promise<void>;
  stop(): Promise<void>;
}

/** PostgreSQL for one test, on a port of its own. */
export async function startOwnPostgres(): Promise<OwnPostgres> {
  const folder = dataFolder(`own-${randomUUID()}`);
  const { postgresRelease } = testServers();
  const postgres = await startKillablePostgres({
    folder,
    ...(postgresRelease === undefined ? {} : { release: postgresRelease }),
  });
  return {
    url: postgres.url,
    hang: () => postgres.hang(),
    resume: () => postgres.resume(),
    killAndRestart: () => postgres.killFor(0),
    stop: async () => {
      await postgres.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
