import { generateKeyPairSync, type KeyObject, verify } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { text } from 'node:stream/consumers';

import * as t from 'io-ts';
import { request } from 'undici';

import { startBitpandaSimulator } from '../../src/simulator/bitpanda/bitpanda-simulator';
import { ends, moves, silently } from '../../src/simulator/catalogue/steps';
import type { Script, Step } from '../../src/simulator/script';
import type { Simulator } from '../../src/simulator/server';
import { type Answered, listenOn, postForm } from './clients';

const CLIENT = { clientId: 'a-client', clientSecret: 'a-client-secret' };
const credentials = { client_id: CLIENT.clientId, client_secret: CLIENT.clientSecret };

const Refreshing = t.type({ refresh_token: t.string });
const Access = t.type({ access_token: t.string, refresh_token: t.string, expires_in: t.number });
const Upcoming = t.type({
  params: t.type({
    external_transaction_id: t.string,
    user_id: t.string,
    savings_plan_transaction_confirmation_deadline: t.string,
  }),
});
const Listed = t.type({ data: t.array(t.type({ name: t.string, payload: t.UnknownRecord })) });

interface Received {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const received: Received[] = [];
let receiver: Server;
let simulator: Simulator;
let publicKey: KeyObject;

beforeEach(async () => {
  received.length = 0;
  receiver = createServer((incoming, response) => {
    void text(incoming).then((body) => {
      received.push({ url: incoming.url ?? '', headers: incoming.headers, body });
      response.writeHead(200, { 'Delivery-Id': `delivery-${received.length}` }).end();
    });
  });
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  publicKey = keys.publicKey;
  const privateKeyPem = keys.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  const deliverTo = await listenOn(receiver);
  simulator = await startBitpandaSimulator({ ...CLIENT, keyid: 'a-key', privateKeyPem, deliverTo, dueMs: 1_000 });
});

afterEach(async () => {
  await simulator.stop();
  receiver.closeAllConnections();
  receiver.close();
});

function decoded<A>(codec: t.Type<A>, value: unknown): A {
  if (!codec.is(value)) throw new Error('the answer has another shape');
  return value;
}

function script(kind: string, steps: readonly Step[]): Script {
  const what = { name: 'test', title: 'A test.', misbehaviours: [], partner: 'bitpanda', kind, objects: 1 } as const;
  return { ...what, steps, expected: ends('', 0) };
}

async function refreshToken(): Promise<string> {
  const { body } = await postForm(simulator.tokenUrl, { grant_type: 'client_credentials', ...credentials });
  return decoded(Refreshing, body).refresh_token;
}

function refresh(token: string): Promise<Answered> {
  return postForm(simulator.tokenUrl, { grant_type: 'refresh_token', refresh_token: token });
}

async function call(method: 'GET' | 'PATCH', path: string, user?: string): Promise<Answered> {
  const { access_token } = decoded(Access, (await refresh(await refreshToken())).body);
  const named = user === undefined ? {} : { 'bp-user-id': user };
  const headers = { authorization: `Bearer ${access_token}`, ...named };
  const answered = await request(`${simulator.url}${path}`, { method, headers });
  return { status: answered.statusCode, body: await answered.body.json() };
}

/** The recurrence that was announced last. */
function announced(): t.TypeOf<typeof Upcoming>['params'] {
  const value: unknown = JSON.parse(received.at(-1)?.body ?? '');
  return decoded(Upcoming, value).params;
}

function confirm(transactionId: string): Promise<Answered> {
  return call('PATCH', `/v1/savings-plan/transaction/${transactionId}/confirm`);
}

describe('a simulated Bitpanda', () => {
  it('gives an access token for a refresh token, and takes each refresh token once', async () => {
    const first = await refreshToken();
    const answer = await refresh(first);
    expect(answer).toMatchObject({ status: 200, body: { expires_in: 600 } });
    expect(await refresh(first)).toEqual({ status: 400, body: { error: 'invalid_grant' } });
    const next = decoded(Access, answer.body).refresh_token;
    expect((await refresh(next)).status).toBe(200);
  });

  it('knows its client by the secret', async () => {
    const form = { grant_type: 'client_credentials', ...credentials, client_secret: 'wrong' };
    expect(await postForm(simulator.tokenUrl, form)).toEqual({ status: 400, body: { error: 'invalid_client' } });
  });

  it('signs what it sends with its key, over the digest of the body', async () => {
    await simulator.play(script('automated-order', moves('finished')));
    const [first] = received;
    if (first === undefined) throw new Error('nothing was sent');
    const { url, headers, body } = first;
    const [, parameters = ''] = /^sig1=(.*)$/.exec(String(headers['signature-input'])) ?? [];
    const [, signature = ''] = /^sig1=:(.*):$/.exec(String(headers.signature)) ?? [];
    const target = `http://${headers.host ?? ''}${url}`;
    const lines = [
      '"@method": POST',
      `"@target-uri": ${target}`,
      `"content-digest": ${String(headers['content-digest'])}`,
      `"@signature-params": ${parameters}`,
    ];
    const key = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const;
    expect(verify('sha256', Buffer.from(lines.join('\n')), key, Buffer.from(signature, 'base64'))).toBe(true);
    expect(JSON.parse(body)).toMatchObject({ params: { status: 'finished', asset_amount: '2.43667276' } });
  });

  it('finds an order for anybody, a transfer for its own user alone, and nothing it does not know', async () => {
    const order = await simulator.play(script('automated-order', moves('finished')));
    const transfer = await simulator.play(script('crypto-deposit', moves('processing')));
    const { user_id } = decoded(
      t.type({ params: t.type({ user_id: t.string }) }),
      JSON.parse(received[1]?.body ?? ''),
    ).params;
    const path = `/v1/crypto-transfers/transactions?id=${transfer.objectId}`;
    expect((await call('GET', `/v2/trades/search?id=${order.objectId}`)).body).toEqual({
      data: [{ id: order.objectId, status: 'finished' }],
    });
    expect((await call('GET', path, user_id)).body).toEqual({
      data: [{ id: transfer.objectId, transaction_status: 'processing' }],
    });
    expect((await call('GET', path, 'somebody-else')).body).toEqual({ data: [] });
    expect((await call('GET', path)).status).toBe(400);
    expect((await call('GET', '/v2/trades/search?id=unknown')).body).toEqual({ data: [] });
  });

  it('takes a confirmation once, before the deadline, of a recurrence it has announced', async () => {
    await simulator.play(script('savings-plan', moves('upcoming')));
    const { external_transaction_id: id } = announced();
    expect((await confirm(id)).status).toBe(200);
    expect(await confirm(id)).toEqual({ status: 409, body: { message: 'already confirmed' } });
    expect((await confirm('unknown')).status).toBe(404);
    await simulator.play(script('savings-plan', moves('upcoming-too-late')));
    expect((await confirm(announced().external_transaction_id)).status).toBe(422);
  });

  it('finishes what was confirmed, and skips what was not', async () => {
    const { objectId } = await simulator.play(script('savings-plan', moves('upcoming')));
    const { external_transaction_id: id, user_id } = announced();
    await confirm(id);
    await request(`${simulator.url}/simulator/objects/${objectId}/outcome`, { method: 'POST' });
    await simulator.play(script('savings-plan', [silently('upcoming'), ...moves('outcome')]));
    const said = received.slice(1).map(({ url, body }): unknown => [url.split('/').at(-1), JSON.parse(body)]);
    expect(said).toMatchObject([
      ['savings-plan-successful-trade', { params: { external_transaction_id: id } }],
      ['savings-plan-failed-trade', { params: { savings_plan_transaction_status: 'not_confirmed' } }],
    ]);
    expect((await call('GET', `/v2/savings-plan?id=${objectId}`, user_id)).body).toEqual({
      data: [{ id: objectId, status: 'active' }],
    });
  });

  it('lists what it has sent and what was lost, without params and with user_id for user_pid, in a window', async () => {
    const steps: readonly Step[] = [...moves('verification-failed'), { do: 'lose', status: 'verification' }];
    const { objectId } = await simulator.play(script('user', steps));
    const now = Date.now();
    const window = (from: number, to: number): string =>
      `/v1/events?from=${new Date(from).toISOString()}&to=${new Date(to).toISOString()}`;
    const { data } = decoded(Listed, (await call('GET', window(now - 60_000, now + 60_000))).body);
    expect(data.map(({ name, payload }) => [name, payload.user_id, payload.success])).toEqual([
      ['user.update', objectId, false],
      ['user.update', objectId, true],
    ]);
    expect((await call('GET', window(now + 60_000, now + 120_000))).body).toMatchObject({ data: [] });
  });

  it('calls listed events by the partner’s names, a plan with integer ids, and lists no event that has none', async () => {
    await simulator.play(script('savings-plan', moves('upcoming')));
    await simulator.play(script('payout', moves('send-money', 'send-money-success')));
    await simulator.play(script('automated-order', moves('finished')));
    const { data } = decoded(Listed, (await call('GET', '/v1/events?page=1')).body);
    expect(data.map(({ name, payload }) => [name, payload.fiat_id])).toEqual([
      ['user.savings-plan-notification', 1],
      ['account.send-money', undefined],
      ['account.send-money-success', undefined],
    ]);
  });

  it('lists objects that no event tells, in a period that is not too long, page by page or by cursor', async () => {
    const { objectId } = await simulator.play(script('automated-order', moves('finished')));
    await simulator.play(script('corporate-action', [{ do: 'lose', status: 'stock_split' }]));
    await simulator.play(script('transaction', moves('v3')));
    const DAY_MS = 86_400_000;
    const path = (list: string, days: number, more: string): string => {
      const [start, end] = [new Date(Date.now() - days * DAY_MS), new Date(Date.now() + 60_000)];
      return `${list}?date_start=${start.toISOString()}&date_end=${end.toISOString()}${more}`;
    };
    const search = '/v1/trades/corporate-actions/search';
    expect((await call('GET', path(search, 30, '&page=1'))).body).toMatchObject({
      data: [{ action: 'stock_split', type: 'payout', asset_amount: '12.00000000' }],
    });
    expect((await call('GET', path(search, 30, '&page=2'))).body).toEqual({ data: [] });
    expect((await call('GET', path(search, 32, '&page=1'))).status).toBe(400);
    expect((await call('GET', search)).status).toBe(400);
    expect((await call('GET', path('/v2/non-user-initiated-transactions', 90, '&page=1'))).body).toMatchObject({
      data: [{ type: 'staking_reward', direction: 'incoming' }],
    });
    expect((await call('GET', path('/v1/orders', 90, ''))).body).toMatchObject({ data: [{ trade_id: objectId }] });
    expect((await call('GET', path('/v1/orders', 90, `&cursor=${objectId}`))).body).toEqual({ data: [] });
  });
});
