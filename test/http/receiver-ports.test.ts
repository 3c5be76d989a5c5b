import { createServer, type Server } from 'node:net';

import { pino } from 'pino';
import { request } from 'undici';

import { readConfiguration } from '../support/partners';
import { freePort } from '../../src/development/ports';
import { startReceiver } from '../../src/processes/receiver';

describe('a receiver with a port of its own for operators', () => {
  let taken: Server;
  let port: number;
  let operationsPort: number;
  beforeAll(async () => {
    port = await freePort();
    operationsPort = await freePort();
    taken = createServer();
    await new Promise<void>((resolve) => taken.listen(operationsPort, '127.0.0.1', resolve));
  });
  afterAll(async () => {
    await new Promise((resolve) => taken.close(resolve));
  });

  it('does not go on listening for partners where that port is taken', async () => {
    const environment = {
      DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nothing',
      TEMPORAL_ADDRESS: '127.0.0.1:1',
      RECEIVER_PORT: String(port),
      OPERATIONS_PORT: String(operationsPort),
    };
    const starting = startReceiver(readConfiguration(environment, 'receive'), pino({ level: 'silent' }));
    await expect(starting).rejects.toMatchObject({ code: 'EADDRINUSE', port: operationsPort });
    await expect(request(`http://127.0.0.1:${String(port)}/health/live`)).rejects.toThrow('ECONNREFUSED');
  });
});
