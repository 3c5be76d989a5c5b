import { getEventListeners, once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';

import { Client, Connection } from '@temporalio/client';

import { untilStopped } from '../../src/temporal/client';

describe('a call to a Temporal that hangs', () => {
  const sockets: Socket[] = [];
  let hanging: Server;
  let connection: Connection;
  beforeAll(async () => {
    hanging = createServer((socket) => sockets.push(socket));
    await new Promise<void>((resolve) => hanging.listen(0, '127.0.0.1', resolve));
    const address = hanging.address();
    if (address === null || typeof address === 'string') throw new Error('nothing listens');
    connection = Connection.lazy({ address: `127.0.0.1:${address.port}` });
  });
  afterAll(async () => {
    await connection.close();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => hanging.close(resolve));
  });

  it('is given up at once when the process is told to stop, and leaves nothing at its signal', async () => {
    const stop = new AbortController();
    const asking = untilStopped(new Client({ connection }), stop.signal, () =>
      connection.workflowService.getSystemInfo({}),
    );
    const over = expect(asking).rejects.toMatchObject({ code: 1 });
    if (sockets.length === 0) await once(hanging, 'connection');
    stop.abort();
    await over;
    expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
  });
});
