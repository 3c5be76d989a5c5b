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

/** A port of the loopback that is free now. */
export async function freePort(): Promise<number> {
  return listenOnce(0);
}

/** Says in one sentence that a port is taken, before a server says it in ten. */
export async function requireFreePort(port: number, forWhat: string): Promise<void> {
  try {
    await listenOnce(port);
  } catch {
    throw new DevelopmentServerError(`Port ${String(port)} is taken: ${forWhat} cannot start there.`);
  }
}
