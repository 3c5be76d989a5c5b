import { createServer, type Server, type Socket } from 'node:net';

import { request } from 'undici';

import { readConfiguration } from '../support/partners';
import { createLogger } from '../../src/telemetry/logger';
import { type RunningReceiver, startReceiver } from '../../src/processes/receiver';
import { type Api, follow, keep, openApi } from './harness';

const REFUSING = '127.0.0.1:1';
const ID = 'tradevest:order:1';

let api: Api;
let hanging: Server;
const sockets: Socket[] = [];
let hangingAddress: string;
beforeAll(async () => {
  api = await openApi();
  await follow(api.database.kysely, ID);
  await keep(api.database.kysely, { status: 'delivered', workflowId: ID, settledSecondsAgo: 60 });
  hanging = createServer((socket) => sockets.push(socket));
  await new Promise<void>((resolve) => hanging.listen(0, '127.0.0.1', resolve));
  const address = hanging.address();
  if (address === null || typeof address === 'string') throw new Error('expected a TCP port');
  hangingAddress = `127.0.0.1:${address.port}`;
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => hanging.close(resolve));
  await api.close();
});

async function startOver(temporalAddress: string): Promise<RunningReceiver> {
  const environment = {
    DATABASE_URL: api.databaseUrl,
    TEMPORAL_ADDRESS: temporalAddress,
    RECEIVER_PORT: '0',
    OPERATIONS_TOKENS: '{"alice":"a-token"}',
  };
  return startReceiver(readConfiguration(environment, 'receive'), createLogger('silent', 'receiver'));
}

async function call(receiver: RunningReceiver, method: 'GET' | 'POST', path: string, body: object | null = null) {
  const reply = await request(`${receiver.operationsUrl}/operations/${path}`, {
    method,
    headers: { authorization: 'Bearer a-token' },
    body: body === null ? null : JSON.stringify(body),
  });
  const { statusCode: status, headers } = reply;
  const answer: unknown = await reply.body.json();
  return { status, retryAfter: headers['retry-after'], answer };
}

describe('the operations API of a whole receiver', () => {
  it.each([
    ['refuses connections', () => REFUSING],
    ['takes connections and hangs', () => hangingAddress],
  ])('shows balance and flows while Temporal %s, and says 503 to what needs it', async (_what, address) => {
    const receiver = await startOver(address());
    const flow = encodeURIComponent(ID);
    const [balance, shown, refetched, expected] = await Promise.all([
      call(receiver, 'GET', 'balance'),
      call(receiver, 'GET', `flows/${flow}`),
      call(receiver, 'POST', `flows/${flow}/refetch`, { reason: 'asked for' }),
      call(receiver, 'POST', 'expectations', { partner: 'tradevest', object: 'order', id: '2' }),
    ]);
    expect(balance.status).toBe(200);
    expect(balance.answer).toMatchObject({ open: 1, openWithoutFlow: null, balanced: true });
    expect(shown).toMatchObject({ status: 200, answer: { workflowId: ID } });
    expect(refetched).toMatchObject({ status: 503, answer: { detail: 'no worker answered within 10 s' } });
    expect(expected).toMatchObject({ status: 503, answer: { detail: 'Temporal is away' } });
    for (const { retryAfter } of [refetched, expected]) expect(retryAfter).toMatch(/^\d+$/);
    await receiver.stop();
  });
});
