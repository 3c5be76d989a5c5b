import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import { Agent } from 'undici';
import { v4 as uuidv4 } from 'uuid';

import { backOffMs } from '../domain/back-off';
import { contentTypeOf } from '../domain/messages/event';
import { OUTBOX_LANES, type OutboxLane, type OutgoingTarget, targetOf } from '../domain/outgoing';
import { DecryptionError, type Encryption } from '../store/encryption';
import { handOverAlerts } from '../store/outbox/alerts';
import { wantMessages } from '../store/outbox/enqueue';
import { clearBody } from '../store/outbox/kept-body';
import { type ClaimedMessage, claimMessages, messageFailed, messageTaken, removeSent } from '../store/outbox/claim';
import type { Tables } from '../store/schema/tables';
import { startRounds } from '../lib/rounds';
import { post, type WebhookTarget } from './post';

/** Limits of sending. */
export interface OutboxLimits {
  /** Longest time that a receiver may take to answer. */
  readonly timeoutMs: number;
  /** Number of attempts after which a message is dead until an operator retries it. */
  readonly mostAttempts: number;
}

/** Options of the sender. */
export interface OutboxSenderOptions {
  readonly database: Kysely<Tables>;
  /** Targets; nothing is sent to an absent one. */
  readonly targets: Partial<Readonly<Record<OutgoingTarget, WebhookTarget>>>;
  /** Patterns of the types that are sent to our own backend. */
  readonly types: readonly string[];
  readonly limits: OutboxLimits;
  readonly encryption: Encryption;
  readonly logger: Logger;
  readonly pollMs: number;
}

/** Running sender. */
export interface OutboxSender {
  /** End of sending, after the attempts under way. */
  stop(): Promise<void>;
}

const RETRY_WAIT = { firstMs: 1_000, longestMs: 900_000 };

/**
 * Wait in milliseconds before the next attempt: twice as long each time, up to a quarter of an hour, less a random
 * part (`random`, 0 to 1). Null: it has been tried often enough.
 */
export function waitAfter(attempts: number, mostAttempts: number, random: number): number | null {
  return attempts >= mostAttempts ? null : backOffMs(RETRY_WAIT, Math.max(0, attempts - 1), random);
}

const AT_ONCE = 10;

/** Sender of the outbox's messages to the configured targets, until stopped; several processes may run one. */
export function startOutboxSender(options: OutboxSenderOptions): OutboxSender {
  const agent = new Agent({ connections: AT_ONCE });
  const lanes = OUTBOX_LANES.flatMap((name) => {
    const target = options.targets[targetOf(name)];
    return target === undefined ? [] : [startLane({ ...options, name, target, agent })];
  });
  return {
    stop: async () => {
      await Promise.all(lanes.map((lane) => lane.stop()));
      await agent.destroy();
    },
  };
}

interface Lane extends OutboxSenderOptions {
  readonly name: OutboxLane;
  readonly target: WebhookTarget;
  readonly agent: Agent;
}

/** Sender of one lane's messages; a target that hangs holds up its own alone. */
function startLane(lane: Lane): OutboxSender {
  const underWay = new Set<Promise<void>>();
  let maintenanceAtMs = 0;
  let isAway = false;
  const round = async (): Promise<void> => {
    if (performance.now() >= maintenanceAtMs) maintenanceAtMs = await maintain(lane);
    if (underWay.size >= AT_ONCE) return;
    for (const message of await claim(lane, AT_ONCE - underWay.size)) {
      const sending = deliver(lane, message).finally(() => {
        underWay.delete(sending);
        rounds.wake();
      });
      underWay.add(sending);
    }
  };
  const rounds = startRounds(async () => {
    try {
      await round();
      isAway = false;
    } catch {
      if (!isAway) lane.logger.warn({ target: lane.name }, 'messages wait: the database is away');
      isAway = true;
    }
    return { ms: lane.pollMs };
  });
  return {
    stop: async () => {
      await rounds.stop();
      await Promise.all(underWay);
    },
  };
}

const DAY_MS = 86_400_000;
const KEPT_MS = 14 * DAY_MS;
const REMOVED_AT_ONCE = 1_000;
/** Time for which outcomes are written after a receiver was last configured to send them: longer than any outage. */
const WANTED_MS = 7 * DAY_MS;
const HOUSEKEEPING_EVERY_MS = 600_000;

/** Time at which maintenance is due again. One step each round: messages that wait are sent between them. */
async function maintain({ database, name, types }: Lane): Promise<number> {
  if (name === 'messages') await wantMessages(database, 'outcomes', WANTED_MS, types);
  const removed = await removeSent(database, KEPT_MS, REMOVED_AT_ONCE);
  return performance.now() + (removed < REMOVED_AT_ONCE ? HOUSEKEEPING_EVERY_MS : 0);
}

const HANDED_OVER_AT_ONCE = 100;
const LEASE_MARGIN_MS = 5_000;

async function claim({ database, name, limits }: Lane, limit: number): Promise<readonly ClaimedMessage[]> {
  if (name === 'alerts') await handOverAlerts(database, HANDED_OVER_AT_ONCE);
  // The lease outlasts a call: a slow call must not be taken over, and so repeated, while it runs.
  const leaseMs = limits.timeoutMs + LEASE_MARGIN_MS;
  return claimMessages(database, name, { leaseToken: uuidv4(), leaseMs, limit });
}

async function deliver(lane: Lane, message: ClaimedMessage): Promise<void> {
  const { database, limits, logger } = lane;
  const failure = await postMessage(lane, message);
  const retryMs = waitAfter(message.attempts, limits.mostAttempts, Math.random());
  try {
    if (failure === null) return await messageTaken(database, message);
    await messageFailed(database, message, failure, retryMs);
  } catch {
    // It is sent again when its lease has run out; a receiver that took it already recognises it by its id.
    logger.warn({ message: message.id }, 'the result of a message could not be written: the database is away');
  }
  if (failure === null) return;
  const fields = { message: message.id, type: message.type, attempts: message.attempts, failure };
  if (retryMs === null) logger.error(fields, 'message given up: partnerflow outbox retry has it sent again');
  else logger.warn(fields, 'message not taken, tried again');
}

/** Reason why a message was not taken; null where it was. One whose key is not configured waits as if nobody had taken it. */
async function postMessage(lane: Lane, { id, type, body: kept }: ClaimedMessage): Promise<string | null> {
  const { target, limits, encryption, agent: dispatcher } = lane;
  try {
    const body = clearBody(encryption, kept, id);
    const contentType = contentTypeOf(type);
    return await post(target, { id, body, contentType }, { timeoutMs: limits.timeoutMs, dispatcher });
  } catch (error) {
    if (error instanceof DecryptionError) return error.reason;
    throw error;
  }
}
