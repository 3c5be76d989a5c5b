import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';

import { dataFolder } from '../../src/development/folders';
import { startPostgres } from '../../src/development/postgres';
import { testServers } from './servers';

/** PostgreSQL of one test's own, which it may stop, hang and kill without disturbing the others. */
export interface OwnPostgres {
  readonly url: string;
  /** Stop of all its processes where they are: connections stay open and nothing is answered. */
  hang(): void;
  advanceFromRead(): void;
  /** `kill -9` of all its processes; resolves when it runs again, recovered, on the same port. */
  killAndRestart(): Promise<void>;
  stop(): Promise<void>;
}

/** Process ids of the postmaster and its children. */
function family(postmaster: number): readonly number[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  const pairs = lines.map((line) => line.trim().split(/\s+/).map(Number));
  return [postmaster, ...pairs.flatMap(([pid, parent]) => (parent === postmaster && pid !== undefined ? [pid] : []))];
}

function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It ended between the listing and the signal.
    }
  }
}

/** PostgreSQL for one test, on a port of its own. */
export async function startOwnPostgres(): Promise<OwnPostgres> {
  const folder = dataFolder(`own-${randomUUID()}`);
  const { postgresRelease } = testServers();
  const release = postgresRelease === undefined ? {} : { release: postgresRelease };
  let server = await startPostgres({ folder, ...release });
  const { url, port } = server;
  return {
    url,
    hang: () => signalAll(family(server.pid()), 'SIGSTOP'),
    advanceFromRead: () => signalAll(family(server.pid()), 'SIGCONT'),
    killAndRestart: async () => {
      signalAll(family(server.pid()), 'SIGKILL');
      await server.stop();
      server = await startPostgres({ folder, port, ...release });
    },
    stop: async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
