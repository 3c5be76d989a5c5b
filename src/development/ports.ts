import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

import { DevelopmentServerError } from './guarded-process';

function listenOnce(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        resolve(address !== null && typeof address === 'object' ? address.port : port);
      });
    });
  });
}

/** Below what systems give to outgoing connections: such a one may be taken by anybody before a server opens it. */
const FIRST_PORT = 15_000;
const LAST_PORT = 32_000;
const MOST_TRIES = 100;
/** Ports this process was given before: their servers may not have opened them yet. */
const given = new Set<number>();

/** A port of the loopback that is free now, and given once by a process. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const port = randomInt(FIRST_PORT, LAST_PORT);
    if (given.has(port)) continue;
    given.add(port);
    try {
      return await listenOnce(port);
    } catch {
      // Taken by somebody else.
    }
  }
  throw new DevelopmentServerError(`No port from ${FIRST_PORT} to ${LAST_PORT} could be found that is free.`);
}

/** Says in one sentence that a port is taken, before a server says it in ten. */
export async function requireFreePort(port: number, forWhat: string): Promise<void> {
  try {
    await listenOnce(port);
  } catch {
    throw new DevelopmentServerError(`Port ${String(port)} is taken: ${forWhat} cannot start there.`);
  }
}
