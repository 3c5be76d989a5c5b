import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { text } from 'node:stream/consumers';

import * as t from 'io-ts';
import { request } from 'undici';

import { ends, moves, readsFail } from '../../src/simulator/catalogue/steps';
import { startCoinifySimulator } from '../../src/simulator/coinify/coinify-simulator';
import type { ReadFault, Script, Step } from '../../src/simulator/script';
import type { Simulator } from '../../src/simulator/server';
import { startTradevestSimulator } from '../../src/simulator/tradevest/tradevest-simulator';
import { coinifyToken, listenOn, postForm, tradevestForm, tradevestToken, TRADEVEST } from './clients';
import { getJson } from './little-flow';

const SECRET = 'a-secret-for-tests';
const DUE_MS = 40;

interface Received {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let server: Server;
let received: Received[];
let answers: number[];
let deliverTo: string;
const running: Simulator[] = [];

beforeEach(async () => {
  received = [];
  answers = [];
  server = createServer((incoming, response) => {
    void text(incoming).then((body) => {
      received.push({ url: incoming.url ?? '', headers: incoming.headers, body });
      response.writeHead(answers.shift() ?? 200, { 'Delivery-Id': `delivery-${received.length}` }).end();
    });
  });
  deliverTo = await listenOn(server);
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((simulator) => simulator.stop()));
  server.closeAllConnections();
  server.close();
});

async function tradevestOf(
  differences: { tokenSeconds?: number; invalidPurgedAfterMs?: number } = {},
): Promise<Simulator> {
  const simulator = await startTradevestSimulator({ ...TRADEVEST, deliverTo, dueMs: DUE_MS, ...differences });
  running.push(simulator);
  return simulator;
}

async function coinifyOf(): Promise<Simulator> {
  const simulator = await startCoinifySimulator({ secret: SECRET, deliverTo, dueMs: DUE_MS });
  running.push(simulator);
  return simulator;
}

function script(kind: string, steps: readonly Step[]): Script {
  const partner = kind.endsWith('order') ? 'tradevest' : 'coinify';
  return { name: 'test', title: 'A test.', misbehaviours: [], partner, kind, objects: 1, steps, expected: ends('', 0) };
}

/** Reads an order on the path of its kind, as a client that is let in. */
async function readOrder(simulator: Simulator, path: string, id: string): ReturnType<typeof getJson> {
  const authorization = `Bearer ${await tradevestToken(simulator)}`;
  return getJson(`${simulator.url}${path}/${id}`, { authorization, 'requestor-id': TRADEVEST.requestorId });
}

describe('a simulated Tradevest, to who reads it', () => {
  it('gives a short-lived token to the client it knows, for the scope it knows, and to nobody else', async () => {
    const simulator = await tradevestOf();
    const well = await postForm(simulator.tokenUrl, tradevestForm());
    const wrongSecret = await postForm(simulator.tokenUrl, tradevestForm({ client_secret: 'wrong' }));
    const wrongScope = await postForm(simulator.tokenUrl, tradevestForm({ scope: 'everything' }));
    expect(well).toEqual({ status: 200, body: { access_token: expect.any(String), expires_in: 60 } });
    expect(wrongSecret).toEqual({ status: 400, body: { error: 'invalid_client' } });
    expect(wrongScope).toEqual({ status: 400, body: { error: 'invalid_request' } });
  });

  it('lets nobody read without a valid token, nor without saying who acts', async () => {
    const simulator = await tradevestOf();
    const { objectId } = await simulator.play(script('digital-order', moves('RECEIVED')));
    const url = `${simulator.url}/digital/orders/${objectId}`;
    const authorization = `Bearer ${await tradevestToken(simulator)}`;
    const requestor = { 'requestor-id': TRADEVEST.requestorId };
    expect((await getJson(url, requestor)).status).toBe(401);
    expect((await getJson(url, { ...requestor, authorization: 'Bearer invented' })).status).toBe(401);
    expect((await getJson(url, { authorization })).status).toBe(400);
    expect((await getJson(url, { authorization, ...requestor })).status).toBe(200);
  });

  it('takes a token no longer than it said', async () => {
    const simulator = await tradevestOf({ tokenSeconds: 0 });
    const { objectId } = await simulator.play(script('digital-order', moves('RECEIVED')));
    expect((await readOrder(simulator, '/digital/orders', objectId)).status).toBe(401);
  });

  it('knows an order only on the path of its kind, so that a client has to try the other', async () => {
    const simulator = await tradevestOf();
    const digital = await simulator.play(script('digital-order', moves('RECEIVED')));
    const traditional = await simulator.play(script('traditional-order', moves('PLACED')));
    expect((await readOrder(simulator, '/digital/orders', digital.objectId)).body).toMatchObject({
      status: 'RECEIVED',
    });
    expect((await readOrder(simulator, '/trading/order', digital.objectId)).status).toBe(404);
    expect((await readOrder(simulator, '/trading/order', traditional.objectId)).body).toMatchObject({
      status: 'PLACED',
    });
    expect((await readOrder(simulator, '/digital/orders', traditional.objectId)).status).toBe(404);
  });

  it('shows what was executed: in parts for a traditional order, as a whole for a digital one', async () => {
    const simulator = await tradevestOf();
    const parts = [...moves('PARTIALLY_FILLED'), ...moves('PARTIALLY_FILLED'), ...moves('FILLED')];
    const traditional = await simulator.play(script('traditional-order', parts));
    const digital = await simulator.play(script('digital-order', moves('FILLED')));
    const quantities = [3, 3, 4].map((quantity) => expect.objectContaining({ quantity }));
    const ofTraditional = await readOrder(simulator, '/trading/order', traditional.objectId);
    expect(ofTraditional.body).toMatchObject({ partialExecutions: quantities, execution: { quantity: 10 } });
    const ofDigital = await readOrder(simulator, '/digital/orders', digital.objectId);
    expect(ofDigital.body).toMatchObject({ executionData: { quantity: 10, executionPrice: 20, executionAmount: 200 } });
  });

  it('forgets an INVALID order when its time is over, and no other', async () => {
    const simulator = await tradevestOf({ invalidPurgedAfterMs: 0 });
    const invalid = await simulator.play(script('traditional-order', moves('INVALID')));
    const rejected = await simulator.play(script('traditional-order', moves('REJECTED')));
    expect((await readOrder(simulator, '/trading/order', invalid.objectId)).status).toBe(404);
    expect((await readOrder(simulator, '/trading/order', rejected.objectId)).status).toBe(200);
  });
});

describe('a simulated partner whose reads misbehave', () => {
  /** Two reads of a filled order, one after the other, of which the first meets the fault. */
  async function twoReads(fault: ReadFault): Promise<readonly ReturnType<typeof getJson>[]> {
    const simulator = await tradevestOf();
    const steps = [...moves('PLACED'), ...moves('FILLED'), readsFail(fault, 1)];
    const { objectId } = await simulator.play(script('digital-order', steps));
    const first = readOrder(simulator, '/digital/orders', objectId);
    await first.catch(() => undefined);
    return [first, readOrder(simulator, '/digital/orders', objectId)];
  }

  it.each([
    ['500', { kind: 'status', status: 500 }, { status: 500 }],
    [
      '429 with a time to wait',
      { kind: 'too-many', retryAfterSeconds: 7 },
      { status: 429, headers: { 'retry-after': '7' } },
    ],
    ['404', { kind: 'status', status: 404 }, { status: 404 }],
    ['an older state', { kind: 'stale', state: 'PLACED' }, { status: 200, body: { status: 'PLACED' } }],
    ['what is no JSON', { kind: 'undecodable' }, { status: 200, body: undefined }],
  ] as const)('answers one read with %s, and the next one well', async (_name, fault, answer) => {
    const [first, second] = await twoReads(fault);
    expect(await first).toMatchObject(answer);
    expect(await second).toMatchObject({ status: 200, body: { status: 'FILLED' } });
  });

  it('holds one read and then drops it without an answer, and answers the next one well', async () => {
    const [first, second] = await twoReads({ kind: 'hang', due: 1 });
    await expect(first).rejects.toThrow(/other side closed|socket hang up|ECONNRESET/);
    expect(await second).toMatchObject({ status: 200, body: { status: 'FILLED' } });
  });
});

describe('the webhooks of a simulated Tradevest', () => {
  it('carry the configured headers and the documented body, on the route of their kind', async () => {
    const simulator = await tradevestOf();
    const { objectId } = await simulator.play(script('digital-order', moves('FILLED')));
    const [delivery] = received;
    expect(delivery?.url).toBe('/webhooks/tradevest/digital-asset-order-notification');
    expect(delivery?.headers).toMatchObject(TRADEVEST.headers);
    expect(JSON.parse(delivery?.body ?? '')).toEqual({
      orderId: objectId,
      customerProductId: expect.any(String),
      externalId: 'order-1',
      status: 'FILLED',
      notificationType: 'UPDATED',
      executionData: { quantity: 10, executionPrice: 20, executionAmount: 200 },
    });
  });

  it('are the same bytes for two partial fills, so that nobody can count them', async () => {
    const simulator = await tradevestOf();
    await simulator.play(script('traditional-order', [...moves('PARTIALLY_FILLED'), ...moves('PARTIALLY_FILLED')]));
    expect(received).toHaveLength(2);
    expect(received[1]?.body).toBe(received[0]?.body);
  });

  it('carry a reason and no status when an update was refused', async () => {
    const simulator = await tradevestOf();
    await simulator.play(
      script('traditional-order', [...moves('PLACED'), { do: 'refuse-update', reason: 'TOO_LATE' }]),
    );
    const body: unknown = JSON.parse(received[1]?.body ?? '');
    expect(body).toMatchObject({ notificationType: 'VALIDATION_ERROR', validationError: { errorType: 'TOO_LATE' } });
    expect(body).not.toHaveProperty('status');
  });

  it('are sent once, whatever we answer, because Tradevest documents no retry', async () => {
    answers = [503];
    const simulator = await tradevestOf();
    await simulator.play(script('digital-order', moves('RECEIVED')));
    expect(simulator.sent()).toMatchObject([{ answer: 503, attempt: 1, says: 'RECEIVED' }]);
  });

  it('are silent about a cancel that comes too late', async () => {
    const simulator = await tradevestOf();
    await simulator.play(script('traditional-order', [...moves('FILLED'), { do: 'cancel' }]));
    expect(received).toHaveLength(1);
    expect(simulator.objects()).toMatchObject([{ state: 'FILLED' }]);
  });
});

describe('a simulated Coinify', () => {
  it('signs the bytes it sends with the shared secret, and a forger with another', async () => {
    const simulator = await coinifyOf();
    await simulator.play(script('trade', [...moves('created'), { do: 'forge', status: 'completed' }]));
    const verified = received.map(({ headers, body }) => {
      const expected = createHmac('sha256', SECRET).update(body).digest('hex');
      return headers['x-coinify-webhook-signature'] === expected;
    });
    expect(verified).toEqual([true, false]);
  });

  it('sends the same event again under the same id until we have kept it', async () => {
    answers = [503, 500];
    const simulator = await coinifyOf();
    await simulator.play(script('trade', moves('created')));
    expect(simulator.sent().map(({ attempt, answer }) => [attempt, answer])).toEqual([
      [1, 503],
      [2, 500],
      [3, 200],
    ]);
    expect(new Set(received.map(({ body }) => body)).size).toBe(1);
  });

  it('contradicts itself under one event id with another amount', async () => {
    const simulator = await coinifyOf();
    await simulator.play(script('trade', [...moves('transfer-in-completed'), { do: 'contradict' }]));
    const Event = t.type({ id: t.string, context: t.type({ eurAmount: t.number }) });
    const events = received.map(({ body }): unknown => JSON.parse(body)).filter(Event.is);
    expect(new Set(events.map(({ id }) => id)).size).toBe(1);
    expect(new Set(events.map(({ context }) => context.eurAmount)).size).toBe(2);
  });

  it('shows a trade to its trader alone, with an integer id and the word that reads have for its state', async () => {
    const simulator = await coinifyOf();
    const { objectId } = await simulator.play(script('trade', moves('created')));
    const url = `${simulator.url}/trades/${objectId}`;
    const its = { authorization: `Bearer ${await coinifyToken(simulator, '501')}` };
    const another = { authorization: `Bearer ${await coinifyToken(simulator, '502')}` };
    expect((await getJson(url, its)).body).toMatchObject({ id: Number(objectId), state: 'awaiting_transfer_in' });
    expect((await getJson(url, another)).status).toBe(403);
    expect((await getJson(url, {})).status).toBe(401);
    expect((await getJson(`${simulator.url}/trades/1`, its)).status).toBe(404);
  });
});

describe('the routes for a developer', () => {
  const Started = t.type({ objectId: t.string, workflowId: t.string });

  it('create an order, cancel it, and tell the receiver of both', async () => {
    const simulator = await tradevestOf();
    const authorization = `Bearer ${await tradevestToken(simulator)}`;
    const headers = { authorization, 'requestor-id': TRADEVEST.requestorId };
    const created = await request(`${simulator.url}/trading/order`, { method: 'POST', headers });
    expect(created.statusCode).toBe(202);
    const id = simulator.objects()[0]?.id ?? '';
    expect(await created.body.json()).toEqual({ orderId: id });
    const canceled = await request(`${simulator.url}/trading/order/${id}`, { method: 'DELETE', headers });
    expect(canceled.statusCode).toBe(202);
    expect(simulator.sent().map(({ says }) => says)).toEqual(['RECEIVED', 'CANCELED']);
  });

  it('start a script by its name, list what there is, and move an object by hand', async () => {
    const simulator = await coinifyOf();
    const started = await request(`${simulator.url}/simulator/scripts/otc-completes`, { method: 'POST' });
    const body: unknown = await started.body.json();
    expect(started.statusCode).toBe(202);
    expect(Started.is(body) ? body.workflowId : '').toMatch(/^coinify:otc-trade:\d+$/);
    const scripts = await getJson(`${simulator.url}/simulator/scripts`, {});
    expect(scripts.body).toMatchObject({
      items: expect.arrayContaining([expect.objectContaining({ name: 'trade-completes' })]),
    });
    const id = Started.is(body) ? body.objectId : '';
    await request(`${simulator.url}/simulator/objects/${id}/completed`, { method: 'POST' });
    const objects = await getJson(`${simulator.url}/simulator/objects`, {});
    expect(objects.body).toMatchObject({ items: [{ id, state: 'completed' }] });
  });

  it.each(['scripts/unheard-of', 'objects/unknown/completed'])('answer 404 to %s', async (path) => {
    const simulator = await coinifyOf();
    expect((await request(`${simulator.url}/simulator/${path}`, { method: 'POST' })).statusCode).toBe(404);
  });
});

describe('a simulated partner', () => {
  it('invents the same ids for the same seed, so that two runs can be compared, and others for another', async () => {
    const ids = async (seed: string): Promise<string> => {
      const simulator = await startCoinifySimulator({ secret: SECRET, deliverTo, dueMs: DUE_MS, seed });
      running.push(simulator);
      return (await simulator.play(script('trade', []))).objectId;
    };
    expect(await ids('one')).toBe(await ids('one'));
    expect(await ids('one')).not.toBe(await ids('two'));
  });

  it('says which script is wrong instead of sending nonsense', async () => {
    const simulator = await coinifyOf();
    await expect(simulator.play(script('digital-order', []))).rejects.toThrow('is for tradevest, not for coinify');
    await expect(simulator.play(script('trade', moves('settled')))).rejects.toThrow(
      'trade has no state settled: created,',
    );
    await expect(simulator.play(script('trade', [{ do: 'repeat' }]))).rejects.toThrow(
      'before it has delivered anything',
    );
  });

  it('ends what it is doing when it is stopped', async () => {
    const simulator = await startCoinifySimulator({ secret: SECRET, deliverTo, dueMs: 60_000 });
    const playing = simulator.play(script('trade', [...moves('created'), { do: 'wait', due: 1 }]));
    const ended = expect(playing).rejects.toThrow();
    await simulator.stop();
    await ended;
  });
});
