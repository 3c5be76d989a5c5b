import { allOrNone, type VariableReader } from '../codecs/environment';
import { DEFAULT_TYPES, TYPE_PATTERN } from '../domain/messages/wanted-types';
import type { OutboxLimits } from '../outbox/sender';
import { signerOf, type WebhookTarget } from '../outbox/post';

/** Targets of our own webhooks, and the patience with which they are sent. */
export interface WebhookTargets {
  /** Target of outcomes; null: they are neither written nor sent. */
  readonly outcomes: WebhookTarget | null;
  readonly alerts: WebhookTarget | null;
  /** Patterns of the types of messages that are sent: `*`, `order.*`, `order.placed`. */
  readonly outboxTypes: readonly string[];
  readonly outbox: OutboxLimits;
  /** Days for which the feed keeps messages. */
  readonly messageRetentionDays: number;
}

/** Settings of our own webhooks. */
export function readWebhookTargets(read: VariableReader): WebhookTargets {
  return {
    outcomes: targetOf(read, 'OUTBOX_WEBHOOK_URL', 'OUTBOX_WEBHOOK_SECRET'),
    alerts: targetOf(read, 'ALERT_WEBHOOK_URL', 'ALERT_WEBHOOK_SECRET'),
    outboxTypes: typesOf(read, 'OUTBOX_TYPES'),
    messageRetentionDays: read.number('OUTBOX_RETENTION', 90, 1, 36_500),
    outbox: {
      timeoutMs: read.number('OUTBOX_TIMEOUT_MS', 10_000, 100, 60_000),
      mostAttempts: read.number('OUTBOX_MOST_ATTEMPTS', 250, 1, 100_000),
    },
  };
}

/** Target with URL and secret, which come together: nobody can trust a message that is not signed. */
function targetOf(read: VariableReader, urlName: string, secretName: string): WebhookTarget | null {
  const isWhole = allOrNone(read, [urlName, secretName]);
  const url = read.url(urlName) ?? '';
  const secret = read.text(secretName) ?? '';
  if (secret !== '' && !canSign(secret)) read.complain(secretName, 'base64 after whsec_, or another text', 'neither');
  return isWhole ? { url, secret } : null;
}

function canSign(secret: string): boolean {
  try {
    signerOf(secret);
    return true;
  } catch {
    return false;
  }
}

function typesOf(read: VariableReader, name: string): readonly string[] {
  const given = read
    .text(name)
    ?.split(',')
    .map((one) => one.trim());
  if (given === undefined) return DEFAULT_TYPES;
  if (given.every((one) => TYPE_PATTERN.test(one))) return given;
  read.complain(name, 'types, <object>.* or *, separated by commas', given.join(','));
  return DEFAULT_TYPES;
}
