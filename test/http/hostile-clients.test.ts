import { once } from 'node:events';
import { connect } from 'node:net';

import { migrate } from '../../src/store/migrate';
import { eventually } from '../support/eventually';
import { type FreshDatabase, freshDatabase } from '../support/fresh-database';
import {
  coinify,
  exchange,
  head,
  openWire,
  sign,
  startTestReceiver,
  statuses,
  type TestReceiver,
} from './receiver-on-sockets';

let fresh: FreshDatabase;
let receiver: TestReceiver;
let port: number;

beforeAll(async () => {
  fresh = await freshDatabase();
  receiver = await startTestReceiver(fresh.url, { bodyTimeoutMs: 700, headersTimeoutMs: 700, budgetBytes: 500_000 });
  await migrate(receiver.database.kysely);
  port = receiver.listener.port;
});
afterAll(async () => {
  await receiver.close();
  await fresh.drop();
});
afterEach(async () => {
  await eventually(() => expect(receiver.budget.held()).toBe(0));
});

const CLOSE = 'Connection: close';
const SIGNED = `X-Coinify-Webhook-Signature: ${sign('x')}`;

/** Sends a byte every now and then until the server has ended the connection. */
async function drip(text: string): Promise<string> {
  const wire = openWire(port);
  wire.send(text);
  const timer = setInterval(() => wire.send('a'), 50);
  try {
    return await wire.ended;
  } finally {
    clearInterval(timer);
  }
}

describe('a client that is slow', () => {
  it('is answered 408 when its headers are not complete in time, however steadily bytes arrive', async () => {
    expect(statuses(await drip('POST /webhooks/coinify HTTP/1.1\r\nX-Slow: '))).toEqual([408]);
  });

  it('is answered 408 when it opens a connection and says nothing, or speaks too late to finish', async () => {
    expect(statuses(await openWire(port).ended)).toEqual([408]);
    const late = openWire(port);
    await new Promise((resolve) => setTimeout(resolve, 500));
    late.send('POST /webhooks/coinify HTTP/1.1\r\n');
    const younger = openWire(port);
    expect(statuses(await late.ended)).toEqual([408]);
    // The time counts from the opening, not from the first byte: whoever opened after that byte still has time.
    expect(younger.said()).toBe('');
    younger.socket.destroy();
  });

  it('is answered 408 when its body is not complete in time, however steadily bytes arrive', async () => {
    const answer = await drip(head('POST /webhooks/coinify', [SIGNED, 'Content-Length: 100000']));
    expect(statuses(answer)).toEqual([408]);
    expect(answer).toMatch(/Connection: close/i);
  });

  it('gets the answers to what it sent before, in their order, when the next request never ends', async () => {
    const wire = openWire(port);
    wire.send(coinify('{"whole":1}') + 'POST /webhooks/coin');
    expect(statuses(await wire.ended)).toEqual([200, 408]);
  });
});

describe('a client that sends too much', () => {
  it('is answered 413 at once by what it announces', async () => {
    const answer = await exchange(port, head('POST /webhooks/coinify', [SIGNED, 'Content-Length: 200001']));
    expect(statuses(answer)).toEqual([413]);
  });

  it('can read the 413 although it goes on sending', async () => {
    const wire = openWire(port);
    wire.send(head('POST /webhooks/coinify', [SIGNED, 'Content-Length: 30000000']) + 'x'.repeat(30_000_000));
    expect(statuses(await wire.ended)).toEqual([413]);
  });

  it('is answered 413 by counting when it announces nothing', async () => {
    const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`;
    const answer = await exchange(
      port,
      head('POST /webhooks/coinify', ['Transfer-Encoding: chunked']) + chunk.repeat(4),
    );
    expect(statuses(answer)).toEqual([413]);
  });

  it('may send exactly the limit', async () => {
    expect(statuses(await exchange(port, coinify('x'.repeat(200_000), [CLOSE])))).toEqual([200]);
  });

  it('is answered 431 when its headers are too large, and can read it', async () => {
    const wire = openWire(port);
    wire.send(head('POST /webhooks/coinify', [`X-Large: ${'x'.repeat(1_000_000)}`]));
    expect(statuses(await wire.ended)).toEqual([431]);
  });

  it('is answered 503 when unfinished bodies have used up what they share, and only then', async () => {
    const unfinished = Array.from({ length: 3 }, () => openWire(port));
    for (const wire of unfinished)
      wire.send(head('POST /webhooks/coinify', [SIGNED, 'Content-Length: 199999']) + 'x'.repeat(160_000));
    await eventually(() => expect(receiver.budget.held()).toBe(480_000));
    const refused = await exchange(port, coinify('x'.repeat(100_000)));
    expect(statuses(refused)).toEqual([503]);
    expect(refused).toMatch(/\r\nRetry-After: \d+\r\n/);
    expect(statuses(await exchange(port, coinify('{"small":1}', [CLOSE])))).toEqual([200]);
    for (const wire of unfinished) wire.socket.destroy();
    await eventually(() => expect(receiver.budget.held()).toBe(0));
    expect(statuses(await exchange(port, coinify('x'.repeat(100_000), [CLOSE])))).toEqual([200]);
  });
});

describe('a client that does not speak HTTP, or breaks off', () => {
  it.each([
    ['garbage', '\u0016\u0003\u0001 not http\r\n\r\n'],
    ['no host', 'POST /webhooks/coinify HTTP/1.1\r\nContent-Length: 0\r\n\r\n'],
    ['two lengths', head('POST /webhooks/coinify', ['Content-Length: 1', 'Content-Length: 2'])],
    ['a length and chunks', head('POST /webhooks/coinify', ['Content-Length: 1', 'Transfer-Encoding: chunked'])],
    ['a header with a control character', head('POST /webhooks/coinify', ['X-Bad: a\u0000b'])],
    ['a broken chunk', `${head('POST /webhooks/coinify', ['Transfer-Encoding: chunked'])}zz\r\n`],
  ])('is answered 400 for %s, and closed', async (_name, text) => {
    expect(statuses(await exchange(port, text))).toEqual([400]);
  });

  it.each([
    ['before it could be told', 'connect'],
    ['after it was told', 'data'],
  ])('ends nothing but its connection when it asks for a tunnel and resets it %s', async (_when, until) => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    socket.write('CONNECT elsewhere:1 HTTP/1.1\r\nHost: elsewhere\r\n\r\n');
    await once(socket, until);
    const gone = once(socket, 'close');
    socket.resetAndDestroy();
    await gone;
    // By the second answer the server has met the reset.
    for (let again = 0; again < 2; again += 1)
      expect(statuses(await exchange(port, coinify('{"alive":1}', [CLOSE])))).toEqual([200]);
  });

  it('is answered 400 when it half-closes before the end of its headers or its body', async () => {
    for (const text of ['POST /webhooks/coin', head('POST /webhooks/coinify', ['Content-Length: 5']) + 'ab']) {
      const wire = openWire(port);
      wire.send(text);
      wire.socket.end();
      expect(statuses(await wire.ended)).toEqual([400]);
    }
  });

  it('first gets the answer to its good request, then 400 to the garbage behind it', async () => {
    const answer = await exchange(port, `${coinify('{"good":1}')}\u0000garbage\r\n\r\n`);
    expect(statuses(answer)).toEqual([200, 400]);
  });

  it('leaves nothing behind when it hangs up in the middle of a body', async () => {
    const wire = openWire(port);
    wire.send(head('POST /webhooks/coinify', [SIGNED, 'Content-Length: 100000']) + 'x'.repeat(50_000));
    await eventually(() => expect(receiver.budget.held()).toBe(50_000));
    wire.socket.resetAndDestroy();
    await eventually(() => expect(receiver.budget.held()).toBe(0));
  });

  it('is still served properly by the same process afterwards', async () => {
    expect(statuses(await exchange(port, coinify('{"after":1}', [CLOSE])))).toEqual([200]);
  });
});
