import type { Reading } from '../../src/domain/reading';
import { ReadFailure } from '../../src/partners/reading';
import { createTradevestReader } from '../../src/partners/tradevest/client';
import { type Asked, type Reply, type ScriptedServer, startScriptedServer } from './scripted-server';

const ID = '123e4567-e89b-12d3-a456-426614174000';
const ORDER = { partner: 'tradevest', object: 'order', id: ID } as const;
const DIGITAL = `/digital/orders/${ID}`;
const TRADITIONAL = `/trading/order/${ID}`;
const SECRET = 'the-client-secret';
const FILLED = { status: 200, body: { status: 'FILLED' } };

const open: ScriptedServer[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

/** A Tradevest whose token endpoint works unless told otherwise; tokens are numbered. */
async function tradevest(reads: (asked: Asked) => Reply, token: (nth: number) => Reply = numbered, timeoutMs = 10_000) {
  let tokens = 0;
  const server = await startScriptedServer((asked) => (asked.path === '/token' ? token((tokens += 1)) : reads(asked)));
  open.push(server);
  const reader = createTradevestReader({
    apiUrl: server.url,
    tokenUrl: `${server.url}/token`,
    clientId: 'the-client',
    clientSecret: SECRET,
    requestorId: '3f8f0f0e-5a55-4b2f-8c57-0a3c6f9f8b11',
    timeoutMs,
  });
  return { server, read: (hints: Readonly<Record<string, string>> = {}) => reader.read(ORDER, hints) };
}

function numbered(nth: number, expiresIn = 3600): Reply {
  return { status: 200, body: { access_token: `token-${nth}`, expires_in: expiresIn } };
}

async function failureOf(reading: Promise<Reading>): Promise<ReadFailure> {
  const error: unknown = await reading.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ReadFailure)) throw new Error(`not a failed read: ${String(error)}`);
  return error;
}

describe('the token of Tradevest', () => {
  test('is asked for as the partner wants it, and names us and the acting person at the read', async () => {
    const { server, read } = await tradevest(() => FILLED);
    expect(await read()).toMatchObject({ kind: 'object', status: 'FILLED' });
    const [token, order] = server.asked;
    expect(token).toMatchObject({
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: `grant_type=client_credentials&client_id=the-client&client_secret=${SECRET}&scope=tradevest.api`,
    });
    expect(order).toMatchObject({
      method: 'GET',
      path: DIGITAL,
      headers: { authorization: 'Bearer token-1', 'requestor-id': '3f8f0f0e-5a55-4b2f-8c57-0a3c6f9f8b11' },
    });
  });

  test('is fetched once for fifty reads at the same time, and kept for the next', async () => {
    const { server, read } = await tradevest(() => FILLED);
    await Promise.all(Array.from({ length: 50 }, () => read()));
    await read();
    expect(server.count('/token')).toBe(1);
    expect(server.count(DIGITAL)).toBe(51);
  });

  test('is renewed once for fifty reads that are refused at the same time, and each is answered', async () => {
    const { server, read } = await tradevest(({ headers }) =>
      headers.authorization === 'Bearer token-1' ? { status: 401 } : FILLED,
    );
    const readings = await Promise.all(Array.from({ length: 50 }, () => read()));
    expect(readings.map((reading) => reading.kind)).toEqual(Array.from({ length: 50 }, () => 'object'));
    expect(server.count('/token')).toBe(2);
  });

  test('is renewed when it has expired', async () => {
    const { server, read } = await tradevest(
      () => FILLED,
      (nth) => numbered(nth, 0),
    );
    await read();
    await read();
    expect(server.count('/token')).toBe(2);
  });

  test('that is refused although it is new ends the read after one renewal', async () => {
    const { server, read } = await tradevest(() => ({ status: 401 }));
    expect(await failureOf(read())).toMatchObject({ failureCause: 'unauthorised' });
    expect([server.count('/token'), server.count(DIGITAL)]).toEqual([2, 2]);
  });

  test('that could not be fetched is fetched anew by the next read', async () => {
    const { read } = await tradevest(
      () => FILLED,
      (nth) => (nth === 1 ? { status: 500 } : numbered(nth)),
    );
    expect(await failureOf(read())).toMatchObject({ failureCause: 'server-error' });
    expect(await read()).toMatchObject({ kind: 'object' });
  });

  test.each([
    ['a status of 400', { status: 400, body: { error: 'invalid_client' } }, 'unexpected-status'],
    ['an answer without a token', { status: 200, body: { expires_in: 1 } }, 'undecodable'],
    ['404, which says nothing about the order', { status: 404 }, 'unexpected-status'],
    ['no answer', null, 'timeout'],
  ] as const)('whose endpoint gives %s ends the read without asking for the order', async (_what, reply, cause) => {
    const { server, read } = await tradevest(
      () => FILLED,
      () => reply,
      300,
    );
    expect(await failureOf(read())).toMatchObject({ failureCause: cause });
    expect(server.count(DIGITAL)).toBe(0);
  });
});

describe('where an order is read', () => {
  test.each([
    [{}, [DIGITAL, TRADITIONAL]],
    [{ asset: 'digital' }, [DIGITAL, TRADITIONAL]],
    [{ asset: 'traditional' }, [TRADITIONAL, DIGITAL]],
  ] as const)('%j: the paths in their order, and absent when all say 404', async (hints, paths) => {
    const { server, read } = await tradevest(() => ({ status: 404 }));
    expect(await read(hints)).toEqual({ kind: 'absent' });
    expect(server.asked.slice(1).map(({ path }) => path)).toEqual(paths);
  });

  test('the path that knows the order is the last one asked', async () => {
    const { server, read } = await tradevest(({ path }) => (path === TRADITIONAL ? FILLED : { status: 404 }));
    expect(await read()).toMatchObject({ kind: 'object', status: 'FILLED' });
    expect(server.asked.slice(1).map(({ path }) => path)).toEqual([DIGITAL, TRADITIONAL]);
  });

  test('a path that fails is no 404: the order may be there', async () => {
    const { server, read } = await tradevest(({ path }) => (path === DIGITAL ? { status: 500 } : FILLED));
    expect(await failureOf(read())).toMatchObject({ failureCause: 'server-error' });
    expect(server.count(TRADITIONAL)).toBe(0);
  });
});

describe('what an order’s answer says of executions', () => {
  const one = { quantity: 2.5, executionPrice: 4, executionAmount: 10.0 };
  test.each([
    ['nothing, where no field speaks of them', {}, null, 0],
    ['nothing, where the fields are null', { executionData: null, partialExecutions: null }, null, 0],
    ['executed, by executionData', { executionData: one }, true, 1],
    ['executed, by a list of partial executions', { partialExecutions: [one, one] }, true, 2],
    ['executed, by one execution that is no list', { execution: one }, true, 1],
    ['executed, where an execution names no quantity', { execution: { at: 'XETRA' } }, true, 1],
    ['not executed, by a quantity of zero', { executionData: { quantity: 0.0 } }, false, 0],
    ['not executed, by an empty list', { partialExecutions: [] }, false, 0],
  ])('%s', async (_what, fields, quantityExecuted, executions) => {
    const { read } = await tradevest(() => ({ status: 200, body: { status: 'CANCELED', ...fields } }));
    const reading = await read();
    expect(reading).toMatchObject({ kind: 'object', status: 'CANCELED', quantityExecuted });
    expect(reading.kind === 'object' && reading.executions).toHaveLength(executions);
  });

  test('amounts keep every digit that was sent', async () => {
    const body = '{"status":"FILLED","executionData":{"quantity":0.12345678901234567890,"executionPrice":1E+2}}';
    const { read } = await tradevest(() => ({ status: 200, body }));
    expect(await read()).toMatchObject({
      executions: [{ quantity: '0.1234567890123456789', price: '100', amount: null }],
    });
  });
});

describe('a read that gives no answer about the order', () => {
  const inFarPast = 'Wed, 21 Oct 2015 07:28:00 GMT';
  test.each([
    ['403', { status: 403 }, 'forbidden', null],
    ['429 with seconds', { status: 429, headers: { 'retry-after': '7' } }, 'rate-limited', 7_000],
    ['429 with a date that has passed', { status: 429, headers: { 'retry-after': inFarPast } }, 'rate-limited', 0],
    ['429 with years of patience', { status: 429, headers: { 'retry-after': '99999999' } }, 'rate-limited', 3_600_000],
    ['429 with nonsense', { status: 429, headers: { 'retry-after': 'soon' } }, 'rate-limited', null],
    ['500', { status: 500, body: 'Erika Mustermann' }, 'server-error', null],
    ['503 with seconds', { status: 503, headers: { 'retry-after': '1' } }, 'server-error', 1_000],
    ['a status nobody expects', { status: 418 }, 'unexpected-status', null],
    ['no JSON', { status: 200, body: '<p>Erika Mustermann</p>' }, 'undecodable', null],
    ['an empty body', { status: 200 }, 'undecodable', null],
    ['no status', { status: 200, body: { name: 'Erika Mustermann' } }, 'undecodable', null],
    [
      'more than a mebibyte',
      { status: 200, body: `{"status":"FILLED","x":"${'x'.repeat(1_100_000)}"}` },
      'undecodable',
      null,
    ],
  ] as const)('%s', async (_what, reply, failureCause, retryAfterMs) => {
    const { read } = await tradevest(() => reply);
    const failure = await failureOf(read());
    expect(failure).toMatchObject({ failureCause, retryAfterMs });
    expect(JSON.stringify([failure, failure.message])).not.toMatch(/Erika|token-|secret/);
  });

  test('a status nobody knows is named with its place and where to add it', async () => {
    const { read } = await tradevest(() => ({ status: 200, body: { status: 'NAPPING' } }));
    const { message } = await failureOf(read());
    expect(message).toMatch(/^the order: status: expected one of RECEIVED, /);
    expect(message).toMatch(/src\/partners\/tradevest\/lifecycles\/order\.ts.*found NAPPING$/);
  });

  test('a redirect is not followed: it would carry our token to wherever it points', async () => {
    const { server, read } = await tradevest(() => ({ status: 302, headers: { location: '/elsewhere' } }));
    expect(await failureOf(read())).toMatchObject({ failureCause: 'unexpected-status' });
    expect(server.count('/elsewhere')).toBe(0);
  });

  test('a partner that hangs is left at the deadline of the read, and asked once', async () => {
    const { server, read } = await tradevest(() => null, numbered, 300);
    expect(await failureOf(read())).toMatchObject({ failureCause: 'timeout' });
    expect(server.count(DIGITAL)).toBe(1);
  });

  test('a partner that is not there is a refused connection', async () => {
    const { server, read } = await tradevest(() => FILLED);
    await server.close();
    expect(await failureOf(read())).toMatchObject({ failureCause: 'refused connection' });
  });
});
