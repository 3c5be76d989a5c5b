import { randomBytes } from 'node:crypto';

import { pino } from 'pino';
import { request } from 'undici';

import { readConfiguration } from '../support/partners';
import { type RunningReceiver, startReceiver } from '../../src/processes/receiver';
import { COINIFY_SECRET, TRADEVEST_KEY, type Webhook } from '../faults/partner-stub';
import { testServers } from '../support/servers';

export const TOKEN = 'token-of-alice';

/** A key as `BODY_ENCRYPTION_KEYS` takes it. */
export function newKey(): string {
  return randomBytes(32).toString('base64');
}

export interface WholeReceiver {
  readonly receiver: RunningReceiver;
  /** All log lines so far. */
  logged(): string;
  post(webhook: Webhook): Promise<{ readonly status: number; readonly id: string }>;
  get(path: string): Promise<{ readonly status: number; readonly body: Record<string, any>; readonly text: string }>;
}

/** The receiver with all its parts in this process, over a database of the test. */
export async function startWhole(
  databaseUrl: string,
  taskQueue: string,
  more: Readonly<Record<string, string>> = {},
): Promise<WholeReceiver> {
  const environment = {
    DATABASE_URL: databaseUrl,
    TEMPORAL_ADDRESS: testServers().temporalAddress,
    TEMPORAL_TASK_QUEUE: taskQueue,
    RECEIVER_PORT: '0',
    OPERATIONS_TOKENS: JSON.stringify({ alice: TOKEN }),
    TRADEVEST_WEBHOOK_HEADERS: JSON.stringify({ 'api-key': [TRADEVEST_KEY] }),
    COINIFY_WEBHOOK_SECRETS: COINIFY_SECRET,
    ...more,
  };
  const lines: string[] = [];
  const logger = pino({ level: 'trace' }, { write: (line: string) => lines.push(line) });
  const receiver = await startReceiver(readConfiguration(environment, 'receive'), logger);
  return {
    receiver,
    logged: () => lines.join(''),
    async post({ path, headers, body }) {
      const answer = await request(`${receiver.url}${path}`, { method: 'POST', headers, body });
      await answer.body.dump();
      return { status: answer.statusCode, id: String(answer.headers['delivery-id']) };
    },
    async get(path) {
      const answer = await request(`${receiver.operationsUrl}${path}`, {
        headers: { authorization: `Bearer ${TOKEN}` },
      });
      const text = await answer.body.text();
      return { status: answer.statusCode, text, body: text.startsWith('{') ? JSON.parse(text) : {} };
    },
  };
}
