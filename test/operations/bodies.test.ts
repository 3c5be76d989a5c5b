import { createApplication } from '../../src/http/server/application';
import { type Listener, startListener } from '../../src/http/server/listener';
import { createOperationsApi } from '../../src/http/operations';
import { createOperationsPage } from '../../src/http/page';
import { type BodyBudget, createBodyBudget } from '../../src/http/server/raw-body';
import { exchange, head, openWire, statuses } from '../http/receiver-on-sockets';
import { eventually } from '../support/eventually';
import { type Api, openApi, TOKEN } from './harness';

/** One has room and no patience, the other patience and little room: neither runs out while the other is tested. */
const [roomy, tight] = [createBodyBudget(1_000_000), createBodyBudget(15_000)];
let api: Api;
let listener: Listener;
let tightListener: Listener;

async function serve(budget: BodyBudget, timeoutMs: number): Promise<Listener> {
  const dependencies = { ...api.dependencies, bodies: { limitBytes: 20_000, timeoutMs, budget } };
  const parts = [createOperationsPage(dependencies, { publicUrl: null }), createOperationsApi(dependencies)];
  const options = { host: '127.0.0.1', port: 0, headersTimeoutMs: 5_000, lingerMs: 500 };
  return startListener(createApplication(parts), options);
}

beforeAll(async () => {
  api = await openApi();
  [listener, tightListener] = [await serve(roomy, 700), await serve(tight, 60_000)];
});
afterAll(async () => {
  await listener.close();
  await tightListener.close();
  await api.close();
});
afterEach(async () => {
  await eventually(() => expect([roomy.held(), tight.held()]).toEqual([0, 0]));
  // Whatever strangers send, it is no mistake of ours.
  expect(api.asked.log.splice(0).filter((line) => 'failure' in line)).toEqual([]);
});

const CHUNKED = 'Transfer-Encoding: chunked';
const login = (...headers: readonly string[]): string =>
  head('POST /operations/page/login', ['Content-Type: application/x-www-form-urlencoded', ...headers]);
const expectation = (...headers: readonly string[]): string =>
  head('POST /operations/expectations', [`Authorization: Bearer ${TOKEN}`, ...headers]);

const ROUTES = [
  ['the login, which strangers reach', login, /content-type: text\/html/i],
  ['the API', expectation, /content-type: application\/problem\+json/i],
] as const;

describe.each(ROUTES)('a body sent to %s', (_where, request, form) => {
  const refused = async (text: string, status: number, { port } = listener): Promise<string> => {
    const answer = await exchange(port, text);
    expect(statuses(answer)).toEqual([status]);
    expect(answer).toMatch(form);
    expect(answer).toMatch(/^connection: close/im);
    return answer;
  };

  it('that is broken HTTP is 400, and nothing is logged', async () => {
    await refused(`${request(CHUNKED)}3\r\nabc\r\nzz\r\n`, 400);
  });

  it('that does not come in time is 408', async () => {
    await refused(`${request('Content-Length: 100')}abc`, 408);
  });

  it('that announces or brings too much is 413', async () => {
    await refused(request('Content-Length: 20001'), 413);
    const more = 'x'.repeat(30_000);
    await refused(`${request(CHUNKED)}${more.length.toString(16)}\r\n${more}\r\n`, 413);
  });

  it('is 503 with Retry-After while the unfinished ones of others have used up what all share', async () => {
    const unfinished = openWire(tightListener.port);
    unfinished.send(login('Content-Length: 10000') + 'x'.repeat(4_000));
    await eventually(() => expect(tight.held()).toBeGreaterThanOrEqual(4_000));
    const answer = await refused(request('Content-Length: 15000') + 'x'.repeat(14_000), 503, tightListener);
    expect(answer).toMatch(/^retry-after: \d+\r$/im);
    unfinished.socket.destroy();
  });

  it('whose sender hangs up leaves nothing behind', async () => {
    const wire = openWire(tightListener.port);
    wire.send(request('Content-Length: 10000') + 'x'.repeat(4_000));
    await eventually(() => expect(tight.held()).toBeGreaterThanOrEqual(4_000));
    wire.socket.resetAndDestroy();
    await eventually(() => expect(tight.held()).toBe(0));
  });
});

it('a login that comes byte by byte is a login', async () => {
  const bytes = Array.from(`token=${TOKEN}`, (byte) => `1\r\n${byte}\r\n`).join('');
  const answer = await exchange(listener.port, `${login(CHUNKED, 'Connection: close')}${bytes}0\r\n\r\n`);
  expect(statuses(answer)).toEqual([303]);
});
