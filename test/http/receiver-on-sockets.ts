import { createHmac } from 'node:crypto';
import { connect, type Socket } from 'node:net';

import { type Logger, pino } from 'pino';

import { createApplication } from '../../src/http/server/application';
import { type Listener, startListener } from '../../src/http/server/listener';
import { createReceiverMetrics, type ReceiverMetrics } from '../../src/telemetry/receiver-metrics';
import { type BodyBudget, createBodyBudget } from '../../src/http/server/raw-body';
import { createReceiver } from '../../src/http/webhooks/receive';
import type { PartnerReception } from '../../src/partners/authentication';
import { createCoinifyAuthenticate } from '../../src/partners/coinify/authenticate';
import { createStaticHeaderAuthenticate } from '../../src/partners/static-headers';
import { createAppender } from '../../src/store/deliveries/append';
import { type Database, openDatabase } from '../../src/store/database';
import { createRejectionRecorder } from '../../src/store/deliveries/rejections';

export const COINIFY_SECRET = 'coinify-secret-of-this-test';
export const TRADEVEST_KEY = 'tradevest-key-of-this-test';

export interface TestReceiver {
  readonly database: Database;
  readonly listener: Listener;
  readonly metrics: ReceiverMetrics;
  readonly budget: BodyBudget;
  readonly logged: () => string;
  readonly appended: () => number;
  close(): Promise<void>;
}

function memoryLogger(lines: string[]): Logger {
  return pino({ level: 'trace' }, { write: (line: string) => lines.push(line) });
}

/** The receiver from the socket to the commit, with short time-outs; Bitpanda is off. */
export async function startTestReceiver(
  databaseUrl: string,
  more: { readonly bodyTimeoutMs?: number; readonly headersTimeoutMs?: number; readonly budgetBytes?: number } = {},
): Promise<TestReceiver> {
  const database = openDatabase({ url: databaseUrl, poolSize: 6 });
  const metrics = createReceiverMetrics(['tradevest', 'coinify', 'bitpanda']);
  const budget = createBodyBudget(more.budgetBytes ?? 1_000_000);
  const lines: string[] = [];
  let appended = 0;
  const limits = { batchRows: 64, batchBytes: 1_000_000, waitingBytes: 10_000_000, deadlineMs: 4_000 };
  const receive = createReceiver({
    partners: new Map<string, PartnerReception>([
      [
        'tradevest',
        {
          authenticate: createStaticHeaderAuthenticate({
            'api-key': [TRADEVEST_KEY, 'older-key'],
            authorization: ['Basic x'],
          }),
          credentialHeaders: ['api-key', 'authorization'],
        },
      ],
      [
        'coinify',
        {
          authenticate: createCoinifyAuthenticate([COINIFY_SECRET, 'older-secret']),
          credentialHeaders: [],
          oneAddress: true,
        },
      ],
    ]),
    appender: createAppender(database.pool, limits, metrics.batch),
    rejections: createRejectionRecorder(database.pool),
    bodyLimitBytes: 200_000,
    bodyTimeoutMs: more.bodyTimeoutMs ?? 5_000,
    budget,
    publicUrl: null,
    onAppended: () => {
      appended += 1;
    },
    logger: memoryLogger(lines),
    metrics,
  });
  const options = { host: '127.0.0.1', port: 0, headersTimeoutMs: more.headersTimeoutMs ?? 5_000, lingerMs: 500 };
  const listener = await startListener(createApplication([receive]), options);
  return {
    database,
    listener,
    metrics,
    budget,
    logged: () => lines.join(''),
    appended: () => appended,
    close: async () => {
      await listener.close();
      await database.close();
    },
  };
}

export function sign(body: string | Buffer, secret = COINIFY_SECRET): string {
  return createHmac('sha256', secret).update(body).digest('hex');
}

/** The head of a request as bytes on the wire. */
export function head(line: string, headers: readonly string[]): string {
  return [`${line} HTTP/1.1`, 'Host: partner.test', ...headers, '', ''].join('\r\n');
}

/** A signed Coinify request as bytes on the wire; the body is one character a byte. */
export function coinify(body: string, more: readonly string[] = []): string {
  const signature = sign(Buffer.from(body, 'latin1'));
  const headers = [`X-Coinify-Webhook-Signature: ${signature}`, `Content-Length: ${body.length}`, ...more];
  return head('POST /webhooks/coinify', headers) + body;
}

export interface Wire {
  readonly socket: Socket;
  /** All that came back, once the server has ended the connection. */
  readonly ended: Promise<string>;
  /** All that has come back so far. */
  said(): string;
  send(text: string): void;
}

/** A raw connection. It never ends its own side unless told to, so that an end is the server's doing. */
export function openWire(port: number): Wire {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  let text = '';
  socket.setNoDelay(true);
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
  });
  const ended = new Promise<string>((resolve, reject) => {
    socket.on('end', () => {
      socket.end();
      resolve(text);
    });
    socket.on('error', reject);
  });
  ended.catch(() => undefined);
  return { socket, ended, said: () => text, send: (more) => void socket.write(more, 'latin1') };
}

/** Sends bytes and waits for the server to end the connection. */
export async function exchange(port: number, text: string): Promise<string> {
  const wire = openWire(port);
  wire.send(text);
  return wire.ended;
}

/** The status lines of all answers in what came back. */
export function statuses(text: string): readonly number[] {
  return [...text.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map((match) => Number(match[1]));
}
