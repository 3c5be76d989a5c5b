import { execFileSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';

import { startPostgres } from './postgres';

/** PostgreSQL that a test may kill, and stop where it is, without disturbing others. Development only. */
export interface KillablePostgres {
  readonly url: string;
  readonly port: number;
  /** `kill -9` of all its processes; resolves when it runs again, recovered, on the same port, after the given time. */
  killFor(forMs: number): Promise<void>;
  /** Stop of all its processes where they are: connections stay open and nothing is answered. */
  hang(): void;
  resume(): void;
  stop(): Promise<void>;
}

/** PostgreSQL on a port of its own. */
export async function startKillablePostgres(options: {
  readonly folder: string;
  readonly release?: 15;
}): Promise<KillablePostgres> {
  let server = await startPostgres(options);
  const { url, port } = server;
  return {
    url,
    port,
    killFor: async (forMs) => {
      signalAll(familyOf(server.pid()), 'SIGKILL');
      await server.stop();
      await delay(forMs);
      server = await startPostgres({ ...options, port });
    },
    hang: () => signalAll(familyOf(server.pid()), 'SIGSTOP'),
    resume: () => signalAll(familyOf(server.pid()), 'SIGCONT'),
    stop: () => server.stop(),
  };
}

/** Process ids of the postmaster and its children. */
function familyOf(postmaster: number): readonly number[] {
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
