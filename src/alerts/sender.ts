import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import { Webhook } from 'standardwebhooks';
import { request } from 'undici';

import { alertFailed, alertSent, claimDueAlerts, type DueAlert } from '../store/alerts';
import type { Tables } from '../store/tables';

/** Where alerts are posted, signed by the Standard Webhooks specification. */
export interface AlertTarget {
  readonly url: string;
  readonly secret: string;
}

interface AlertSenderOptions {
  readonly database: Kysely<Tables>;
  readonly target: AlertTarget;
  readonly logger: Logger;
  readonly pollMs: number;
}

const LEASE_MS = 30_000;
const CALL_TIMEOUT_MS = 10_000;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 300_000;
const AT_ONCE = 10;

/** The body of an alert: how often a finding was made at a partner within a window, and which flows or deliveries to look at. */
export function alertBody(alert: DueAlert): string {
  const { partner, finding, count, windowStart, windowEnd, examples } = alert;
  const data = { partner, finding, count, windowStart, windowEnd, examples };
  return JSON.stringify({ type: 'alert.raised', timestamp: windowEnd, data });
}

/** A `whsec_` secret is base64 as the specification has it; any other is taken as it is written. */
function signerOf(secret: string): Webhook {
  return secret.startsWith('whsec_') ? new Webhook(secret) : new Webhook(secret, { format: 'raw' });
}

async function post(target: AlertTarget, alert: DueAlert): Promise<void> {
  const body = alertBody(alert);
  const id = `${alert.id}-${String(alert.count)}`;
  const at = new Date();
  const signature = signerOf(target.secret).sign(id, at, body);
  const headers = {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': signature,
  };
  const signal = AbortSignal.timeout(CALL_TIMEOUT_MS);
  const response = await request(target.url, { method: 'POST', headers, body, signal });
  await response.body.dump();
  if (response.statusCode < 200 || response.statusCode >= 300) throw new Error(`status ${String(response.statusCode)}`);
}

async function sendOne({ database, target, logger }: AlertSenderOptions, alert: DueAlert): Promise<void> {
  try {
    await post(target, alert);
    await alertSent(database, alert);
  } catch (error) {
    const retryMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(alert.attempts, 20));
    const failure = error instanceof Error ? error.name : 'unknown';
    logger.warn(
      { alert: alert.id, partner: alert.partner, finding: alert.finding, failure },
      'alert not taken, tried again',
    );
    await alertFailed(database, alert, retryMs);
  }
}

/** Posts alerts whose window is over, again and again until stopped; several processes may do so. */
export function startAlertSender(options: AlertSenderOptions): { stop(): Promise<void> } {
  let stopping = false;
  let wake: () => void = () => undefined;
  const round = async (): Promise<void> => {
    try {
      const due = await claimDueAlerts(options.database, AT_ONCE, LEASE_MS);
      await Promise.all(due.map((alert) => sendOne(options, alert)));
    } catch {
      options.logger.warn('alerts wait: the database is away');
    }
  };
  const run = async (): Promise<void> => {
    while (!stopping) {
      await round();
      await new Promise<void>((resolve) => {
        wake = resolve;
        setTimeout(resolve, options.pollMs).unref();
      });
    }
  };
  const running = run();
  return {
    stop: async () => {
      stopping = true;
      wake();
      await running;
    },
  };
}
