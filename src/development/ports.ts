import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

import { DevelopmentServerError } from './guarded-process';

/**
 * First port that is tried. It lies below those of outgoing connections, which any process may take before a server
 * opens it.
 */
const FIRST_PORT = 15_000;
const LAST_PORT = 32_000;
const MOST_TRIES = 100;
/** Ports that this process has handed out: their servers may not have opened them yet. */
const handedOut = new Set<number>();

/** Port of the loopback that is free now, and handed out once by a process. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const port = randomInt(FIRST_PORT, LAST_PORT);
    if (handedOut.has(port)) continue;
    handedOut.add(port);
    try {
      return await listenOnce(port);
    } catch {
      // Another process has taken it.
    }
  }
  throw new DevelopmentServerError(`No port from ${FIRST_PORT} to ${LAST_PORT} could be found that is free.`);
}

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

/** Check that a port is free, with one sentence where it is not, before a server reports it in ten. */
export async function requireFreePort(port: number, forWhat: string): Promise<void> {
  try {
    await listenOnce(port);
  } catch {
    throw new DevelopmentServerError(`Port ${String(port)} is taken: ${forWhat} cannot start there.`);
  }
}
