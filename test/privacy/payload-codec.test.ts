import { randomBytes, randomUUID } from 'node:crypto';

import { historyFromJSON, historyToJSON, payloadToJSON } from '@temporalio/common/lib/proto-utils';
import { Worker } from '@temporalio/worker';
import { Agent, request } from 'undici';

import { startCodecServer } from '../../src/processes/codec-server';
import { createLogger } from '../../src/telemetry/logger';
import type { Listener } from '../../src/http/server/listener';
import { createPayloadCodec, dataConverterOf } from '../../src/temporal/payload-codec';
import { send, tradevestWebhook } from '../faults/partner-stub';
import { openSystem, outcomeOf, type System } from '../faults/system';
import { eventually } from '../support/eventually';
import { testServers } from '../support/servers';

jest.setTimeout(180_000);

const KEY = { id: 'payloads-1', key: randomBytes(32) };
const NEWER = { id: 'payloads-2', key: randomBytes(32) };
const WRONG = { id: 'payloads-1', key: randomBytes(32) };
const UI = 'http://ui.example:8233';

function variable(...keys: readonly (typeof KEY)[]) {
  return {
    TEMPORAL_PAYLOAD_KEYS: JSON.stringify(Object.fromEntries(keys.map(({ id, key }) => [id, key.toString('base64')]))),
  };
}

/** All metadata words of payloads that say how they are written. */
function encodingsOf(history: string): readonly string[] {
  const found = [...history.matchAll(/"encoding": ?"([A-Za-z0-9+/=]+)"/g)].map(([, text = '']) => text);
  return [...new Set(found.map((text) => Buffer.from(text, 'base64').toString()))];
}

describe('payloads in Temporal', () => {
  let system: System;
  const output: string[] = [];
  const agent = new Agent();
  beforeAll(async () => {
    system = await openSystem({
      onLine: (line) => output.push(line),
      environmentOf: () => ({ ...variable(KEY), LOG_LEVEL: 'error' }),
    });
    await system.receive();
  });
  afterAll(async () => {
    await agent.close();
    await system.close();
  });

  async function historyOf(orderId: string): Promise<string> {
    return historyToJSON(await system.client.workflow.getHandle(`tradevest:order:${orderId}`).fetchHistory());
  }

  test('are encrypted from signal to end; a worker with a wrong key breaks no flow, and old and new keys open them', async () => {
    const orderId = randomUUID();
    const wrong = system.work(variable(WRONG));
    const first = await send(system.url, tradevestWebhook(orderId, 'PLACED'), agent);
    // Before its task has failed the flow may not be in the history yet, and a slow worker takes its time to start.
    await eventually(async () => expect(await historyOf(orderId)).toContain('EVENT_TYPE_WORKFLOW_TASK_FAILED'), 60_000);
    expect(await historyOf(orderId)).toContain('and the key configured by that name is another one');
    await eventually(() => expect(output.join('')).toContain('and the key configured by that name is another one'));
    expect(await outcomeOf(system, first ?? '')).toBeNull();
    await wrong.kill();
    const right = system.work(variable(NEWER, KEY));
    await eventually(async () => expect(await outcomeOf(system, first ?? '')).toBe('applied'), 40_000);
    const second = await send(system.url, tradevestWebhook(orderId, 'REJECTED'), agent);
    // The receiver does not know the newer key yet, and does not need to: it writes with its own, and reads nothing.
    await eventually(async () => expect(await outcomeOf(system, second ?? '')).toBe('applied'), 40_000);
    await right.kill();
    const history = await historyOf(orderId);
    const encodings = encodingsOf(history);
    expect(encodings).toContain('binary/encrypted');
    // Search attributes stay readable, or nobody could list by them.
    expect(encodings.filter((word) => word !== 'binary/encrypted' && word !== 'json/plain')).toEqual([]);
    expect(history).not.toContain(Buffer.from('REJECTED').toString('base64').slice(0, 8));
    const workflowBundle = { codePath: testServers().workflowBundlePath };
    const dataConverter = dataConverterOf([NEWER, KEY]);
    if (dataConverter === undefined) throw new Error('there are keys');
    await Worker.runReplayHistory({ workflowBundle, dataConverter }, historyFromJSON(JSON.parse(history)));
  });
});

describe('the codec', () => {
  const payload = { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('"Erika"') };

  it('reads what was written in clear before there were keys', async () => {
    expect(await createPayloadCodec([KEY]).decode([payload])).toEqual([payload]);
  });

  it('writes with the newest key and reads with all, and names the one that is missing', async () => {
    const [old] = await createPayloadCodec([KEY]).encode([payload]);
    if (old === undefined) throw new Error('nothing was encoded');
    expect(Buffer.from(old.data ?? []).toString()).not.toContain('Erika');
    const [opened] = await createPayloadCodec([NEWER, KEY]).decode([old]);
    expect(Buffer.from(opened?.data ?? []).toString()).toBe('"Erika"');
    await expect(createPayloadCodec([NEWER]).decode([old])).rejects.toThrow(
      'A payload in Temporal cannot be decrypted: encrypted with the key "payloads-1", which is not configured.',
    );
    await expect(createPayloadCodec([WRONG]).decode([old])).rejects.toThrow('is another one');
  });
});

describe('the codec server', () => {
  let listener: Listener;
  beforeAll(async () => {
    const configuration = { host: '127.0.0.1', port: 0, uiOrigin: UI, keys: [KEY], logLevel: 'silent' };
    listener = await startCodecServer(configuration, createLogger('silent', 'codec-server'));
  });
  afterAll(() => listener.close());

  async function call(
    method: 'POST' | 'OPTIONS' | 'GET',
    path: string,
    body: string | null,
    origin: string | null = UI,
  ) {
    const headers = { 'x-namespace': 'default', ...(origin === null ? {} : { origin }) };
    const answer = await request(`${listener.url}${path}`, { method, headers, body });
    const text = await answer.body.text();
    return { status: answer.statusCode, headers: answer.headers, text };
  }

  async function sealed(keys: readonly (typeof KEY)[]): Promise<string> {
    const payload = { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('"Erika"') };
    const encoded = await createPayloadCodec(keys).encode([payload]);
    return JSON.stringify({ payloads: encoded.map((one) => payloadToJSON(one)) });
  }

  it('decrypts for the page of the UI as it asks, and encrypts for the command line', async () => {
    const before = await call('OPTIONS', '/decode', null);
    expect(before.status).toBe(204);
    expect(before.headers).toMatchObject({
      'access-control-allow-origin': UI,
      'access-control-allow-methods': 'POST, OPTIONS',
    });
    expect(String(before.headers['access-control-allow-headers'])).toMatch(/content-type.*x-namespace/);
    const { status, headers, text } = await call('POST', '/decode?preserveStorageRefs=true', await sealed([KEY]));
    expect([status, headers['access-control-allow-origin']]).toEqual([200, UI]);
    const clear = JSON.parse(text).payloads[0];
    expect(Buffer.from(clear.data, 'base64').toString()).toBe('"Erika"');
    const encoded = await call('POST', '/encode', text, null);
    expect(encoded.status).toBe(200);
    expect(encoded.text).not.toContain(clear.data);
    expect(JSON.parse((await call('POST', '/decode', encoded.text, null)).text)).toEqual(JSON.parse(text));
  });

  it.each(['http://ui.example', 'https://ui.example:8233', 'null', 'http://ui.example:8233.evil.example'])(
    'shows nothing to a page of %s',
    async (origin) => {
      const { status, headers, text } = await call('POST', '/decode', await sealed([KEY]), origin);
      expect(status).toBe(403);
      expect(headers['access-control-allow-origin']).toBeUndefined();
      expect(text).not.toContain('RXJpa2');
    },
  );

  it('names a key that is missing in one sentence', async () => {
    const { status, text } = await call('POST', '/decode', await sealed([NEWER]));
    expect(status).toBe(400);
    expect(JSON.parse(text)).toEqual({
      message:
        'A payload in Temporal cannot be decrypted: encrypted with the key "payloads-2", which is not configured.',
    });
  });

  it.each([
    ['POST', '/decode', 'Erika', 400],
    ['POST', '/decode', '{"payloads":[1]}', 400],
    ['POST', '/decode', '{"payloads":[{"metadata":{"encoding":7},"data":"Erika"}]}', 400],
    ['POST', '/decode', 'x'.repeat(33_554_433), 413],
    ['GET', '/decode', null, 405],
    ['POST', '/elsewhere', '{}', 404],
  ] as const)(
    '%s %s with a body that is no such thing is refused without an echo',
    async (method, path, body, expected) => {
      const { status, text } = await call(method, path, body);
      expect(status).toBe(expected);
      expect(text).not.toContain('Erika');
      expect(text).not.toMatch(/ at /);
    },
  );
});
