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
  TRADEVEST_KEY,
} from './receiver-on-sockets';

let fresh: FreshDatabase;
let receiver: TestReceiver;
let port: number;

beforeAll(async () => {
  fresh = await freshDatabase();
  receiver = await startTestReceiver(fresh.url);
  await migrate(receiver.database.kysely);
  port = receiver.listener.port;
});
afterAll(async () => {
  await receiver.close();
  await fresh.drop();
});
beforeEach(async () => {
  await receiver.database.pool.query('TRUNCATE deliveries, counters, rejections');
});

const CLOSE = 'Connection: close';

async function rows() {
  return receiver.database.kysely.selectFrom('kept_deliveries').selectAll().orderBy('position').execute();
}

async function counted(name: 'received' | 'rejected'): Promise<number> {
  const counters = await receiver.database.kysely.selectFrom('counters').selectAll().where('name', '=', name).execute();
  return counters.reduce((sum, { value }) => sum + Number(value), 0);
}

function tradevest(endpoint: string, body: string, more: readonly string[]): string {
  return head(`POST /webhooks/tradevest/${endpoint}`, [`Content-Length: ${body.length}`, ...more]) + body;
}

describe('what is authentic is kept before it is acknowledged', () => {
  it('answers 200 with the id of a delivery that is in the database, wakes dispatch, and keeps the body as sent', async () => {
    const body = '{"amount": 100.00,\t"name":"J\u00fcrgen"}';
    const before = receiver.appended();
    const answer = await exchange(port, coinify(Buffer.from(body).toString('latin1'), [CLOSE]));
    expect(statuses(answer)).toEqual([200]);
    const [kept] = await rows();
    expect(answer).toContain(`Delivery-Id: ${kept?.id ?? ''}\r\n`);
    expect(answer).toMatch(/\r\nContent-Length: 0\r\n/);
    expect(answer.endsWith('\r\n\r\n')).toBe(true);
    expect(kept).toMatchObject({ partner: 'coinify', route: 'coinify', status: 'pending', verdict: 'authentic' });
    expect(kept?.body).toEqual(Buffer.from(body));
    expect(kept?.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    expect(receiver.appended()).toBe(before + 1);
    expect(await counted('received')).toBe(1);
  });

  it('keeps an empty, a packed and an unknown body too: nothing authentic is refused for what it holds', async () => {
    const answers = await Promise.all([
      exchange(port, coinify('', [CLOSE])),
      exchange(port, coinify('\u001f\u008b not json', ['Content-Encoding: gzip', CLOSE])),
      exchange(port, tradevest('never-heard-of', 'x', [`Api-Key: ${TRADEVEST_KEY}`, 'Authorization: Basic x', CLOSE])),
    ]);
    expect(answers.flatMap(statuses)).toEqual([200, 200, 200]);
    const bodies = (await rows()).map(({ body }) => body?.toString('latin1'));
    expect(bodies.sort()).toEqual(['', '\u001f\u008b not json', 'x']);
  });

  it('stores no credential of a partner or of the standard, and keeps signatures as evidence', async () => {
    await exchange(
      port,
      tradevest('x', '{}', ['aPi-KeY: older-key', 'Authorization: Basic x', 'Cookie: c=1', 'X-Other: y', CLOSE]),
    );
    await exchange(port, coinify('{}', [CLOSE]));
    const [first, second] = await rows();
    expect(first?.headers).toEqual(
      expect.arrayContaining([
        ['aPi-KeY', '[redacted]'],
        ['Authorization', '[redacted]'],
        ['Cookie', '[redacted]'],
        ['X-Other', 'y'],
      ]),
    );
    expect(JSON.stringify(first)).not.toContain('older-key');
    expect(second?.headers).toEqual(expect.arrayContaining([['X-Coinify-Webhook-Signature', sign('{}')]]));
  });

  it('takes pipelined, chunked and half-closing clients in their order', async () => {
    const chunked =
      head('POST /webhooks/coinify', [
        `X-Coinify-Webhook-Signature: ${sign('abcdef')}`,
        'Transfer-Encoding: chunked',
        CLOSE,
      ]) + '3\r\nabc\r\n3;x=y\r\ndef\r\n0\r\n\r\n';
    const wire = openWire(port);
    wire.send(coinify('{"n":1}') + coinify('forged').replace('forged', 'edgrof') + coinify('{"n":2}') + chunked);
    wire.socket.end();
    expect(statuses(await wire.ended)).toEqual([200, 401, 200, 200]);
    const bodies = (await rows()).map(({ body }) => body?.toString());
    expect(bodies.sort()).toEqual(['abcdef', '{"n":1}', '{"n":2}']);
  });

  it('lets a client that asks first go on', async () => {
    const wire = openWire(port);
    const [headers = '', body = ''] = coinify('{"asked":1}', ['Expect: 100-continue', CLOSE]).split('\r\n\r\n');
    wire.send(`${headers}\r\n\r\n`);
    await eventually(() => expect(statuses(wire.said())).toEqual([100]));
    wire.send(body);
    expect(statuses(await wire.ended)).toEqual([100, 200]);
  });

  it('takes no notice of an expectation it does not know, nor of an offer to speak another protocol', async () => {
    for (const more of [
      ['Expect: a-miracle', CLOSE],
      ['Connection: close, Upgrade', 'Upgrade: h2c'],
    ])
      expect(statuses(await exchange(port, coinify('{"odd":1}', more)))).toEqual([200]);
  });

  it('keeps a body that comes byte by byte within its time', async () => {
    const wire = openWire(port);
    for (const character of coinify('{"slow":true}', [CLOSE])) {
      wire.send(character);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(statuses(await wire.ended)).toEqual([200]);
  });
});

describe('what is not authentic', () => {
  const requests: Readonly<Record<string, string>> = {
    'no signature': head('POST /webhooks/coinify', ['Content-Length: 2', CLOSE]) + '{}',
    'a wrong signature': coinify('{}', [CLOSE]).replace(sign('{}'), sign('{}', 'stranger')),
    'an upper-case signature': coinify('{}', [CLOSE]).replace(sign('{}'), sign('{}').toUpperCase()),
    'a signature twice': coinify('{}', [CLOSE, `x-coinify-webhook-signature: ${sign('{}')}`]),
    'a signature cut short': coinify('{}', [CLOSE]).replace(sign('{}'), sign('{}').slice(0, 62)),
    'another body': coinify('{}', [CLOSE]).replace(/\{\}$/, '[]'),
    'no header': tradevest('x', '{}', [CLOSE]),
    'one header of two': tradevest('x', '{}', [`Api-Key: ${TRADEVEST_KEY}`, CLOSE]),
    'a wrong value': tradevest('x', '{}', ['Api-Key: guess', 'Authorization: Basic x', CLOSE]),
    'a header twice': tradevest('x', '{}', [
      `Api-Key: ${TRADEVEST_KEY}`,
      `Api-Key: ${TRADEVEST_KEY}`,
      'Authorization: Basic x',
      CLOSE,
    ]),
  };

  it('is answered 401, byte for byte the same whatever the partner and the reason, and kept nowhere as a delivery', async () => {
    const answers = await Promise.all(Object.values(requests).map((request) => exchange(port, request)));
    expect(answers.map(statuses)).toEqual(answers.map(() => [401]));
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).not.toMatch(/Delivery-Id|Date/);
    expect(await rows()).toEqual([]);
    expect(await counted('rejected')).toBe(Object.keys(requests).length);
    expect(await counted('received')).toBe(0);
  });

  it('is kept raw where the credential header was there, without any value that would open the door', async () => {
    for (const request of Object.values(requests)) await exchange(port, request);
    const refused = await receiver.database.kysely.selectFrom('rejections').selectAll().orderBy('position').execute();
    expect(refused).toHaveLength(Object.keys(requests).length);
    expect(refused.map(({ raw }) => raw !== null)).toEqual([
      false,
      true,
      true,
      true,
      true,
      true,
      false,
      true,
      true,
      true,
    ]);
    const text = JSON.stringify(refused);
    expect(text).toContain(sign('{}', 'stranger'));
    for (const secret of [TRADEVEST_KEY, 'guess', 'Basic x']) expect(text).not.toContain(secret);
    expect(text).toMatch(/\["Api-Key","hmac-sha256:[0-9a-f]{32}:[0-9a-f]{64}"\]/);
    expect(text).toMatch(/\["Authorization","hmac-sha256:/);
  });
});

describe('paths and methods, compared as sent', () => {
  const bodyless = (line: string): string => head(line, [CLOSE]);

  it.each([
    'POST /webhooks/coinify/',
    'POST /webhooks/coinify/x',
    'POST /webhooks/Coinify',
    'POST /Webhooks/coinify',
    'POST /webhooks/co%69nify',
    'POST //webhooks/coinify',
    'POST /webhooks//coinify',
    'POST /webhooks/tradevest',
    'POST /webhooks/tradevest/',
    'POST /webhooks/tradevest/a/b',
    'POST /webhooks/tradevest/a/',
    'POST /webhooks/tradevest/a%20b',
    'POST /webhooks/tradevest/a+b',
    `POST /webhooks/tradevest/${'a'.repeat(101)}`,
    'POST /webhooks/bitpanda/reports',
    'POST /webhooks/nobody',
    'GET /webhooks/nobody',
    'POST /webhooks',
    'POST /webhooks/',
    'POST /',
    'OPTIONS *',
    'POST http://partner.test/',
    'POST ftp://partner.test/webhooks/coinify',
  ])('answers 404 to %s', async (line) => {
    const answer = await exchange(port, bodyless(line));
    expect(statuses(answer)).toEqual([404]);
    expect(answer.split('\r\n\r\n')[1]).toBe('');
  });

  it('takes a target in absolute form for its path', async () => {
    const body = '{"in":"absolute form"}';
    const headers = [`X-Coinify-Webhook-Signature: ${sign(body)}`, `Content-Length: ${body.length}`, CLOSE];
    const answer = await exchange(port, head('POST http://partner.test/webhooks/coinify', headers) + body);
    expect(statuses(answer)).toEqual([200]);
    expect((await rows()).map(({ route }) => route)).toEqual(['coinify']);
    expect(statuses(await exchange(port, bodyless('POST http://partner.test/webhooks/coinify')))).toEqual([401]);
  });

  it.each(['GET', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND'])(
    'answers 405 with Allow to %s, before it looks at a body or a signature',
    async (method) => {
      const answer = await exchange(port, bodyless(`${method} /webhooks/coinify`));
      expect(statuses(answer)).toEqual([405]);
      expect(answer).toContain('\r\nAllow: POST\r\n');
      expect(answer.split('\r\n\r\n')[1]).toBe('');
    },
  );

  it('accepts every allowed character of a segment, up to a hundred of them, and a query beside the path', async () => {
    const credentials = [`Api-Key: ${TRADEVEST_KEY}`, 'Authorization: Basic x', CLOSE];
    for (const segment of ['a.b_C~9-', 'a'.repeat(100), 'x?y=1&z=/'])
      expect(statuses(await exchange(port, tradevest(segment, '', credentials)))).toEqual([200]);
    expect((await rows()).map(({ route }) => route)).toEqual(['a.b_C~9-', 'a'.repeat(100), 'x']);
  });

  it('keeps a connection open over refusals without a body', async () => {
    const wire = openWire(port);
    wire.send(head('GET /webhooks/coinify', []) + head('POST /webhooks/nobody', []) + coinify('{}', [CLOSE]));
    expect(statuses(await wire.ended)).toEqual([405, 404, 200]);
  });
});

it('writes no body, credential, signature or query string into the log', async () => {
  await exchange(port, coinify('{"secret":"body-of-a-person"}', [CLOSE]));
  await exchange(
    port,
    tradevest('x?token=query-secret', '{"p":"body-of-a-person"}', ['Api-Key: wrong-credential', CLOSE]),
  );
  await exchange(
    port,
    tradevest('x?token=query-secret', 'body-of-a-person', [
      `Api-Key: ${TRADEVEST_KEY}`,
      'Authorization: Basic x',
      CLOSE,
    ]),
  );
  const [kept] = await rows();
  const logged = receiver.logged();
  expect(logged).toContain(kept?.id);
  for (const secret of [
    'body-of-a-person',
    'query-secret',
    'wrong-credential',
    TRADEVEST_KEY,
    'Basic x',
    sign('{"secret":"body-of-a-person"}'),
  ])
    expect(logged).not.toContain(secret);
});
