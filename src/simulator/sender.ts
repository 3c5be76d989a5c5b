import { setTimeout as delay } from 'node:timers/promises';

import { Agent, request } from 'undici';

import type { PartnerProfile, SimulatedObject } from './kind';

/** Difference of a delivery from a plain one. */
export type Manner = 'plain' | 'answer lost' | 'repeated' | 'contradicting' | 'forged' | 'refused update' | 'not JSON';

/** Webhook as it is sent, and its object. */
export interface Delivery {
  readonly object: SimulatedObject;
  readonly route: string;
  readonly event: string;
  readonly status: string | null;
  readonly manner: Manner;
  readonly body: string;
}

/** Request that was sent, and the receiver's answer, for the report of a demonstration. */
export interface Sent {
  readonly at: string;
  readonly script: string | null;
  readonly objectId: string;
  readonly workflowId: string | null;
  readonly route: string;
  readonly event: string;
  /** Status that the webhook names. */
  readonly says: string | null;
  readonly manner: Manner;
  /** Number of the attempt: 1, or more for the partner's own retries. */
  readonly attempt: number;
  /** HTTP status of the answer; null when none came. */
  readonly answer: number | null;
  /** `Delivery-Id` of the receiver; null where it kept nothing. */
  readonly deliveryId: string | null;
}

/** Sender of a partner's webhooks. */
export interface Sender {
  readonly sent: readonly Sent[];
  /**
   * Last `Delivery-Id` of the receiver, null where it kept nothing. Sends, and sends again as this partner does.
   * Never throws for the receiver's behaviour; throws when stopped.
   */
  readonly send: (delivery: Delivery) => Promise<string | null>;
  readonly close: () => Promise<void>;
}

const MOST_CONNECTIONS = 16;

/** Sender over at most 16 connections; a longer queue waits. `dueMs` turns due times into time. */
export function createSender(profile: PartnerProfile, deliverTo: string, dueMs: number, signal: AbortSignal): Sender {
  const dispatcher = new Agent({ connections: MOST_CONNECTIONS, pipelining: 1 });
  const sent: Sent[] = [];
  const send = async (delivery: Delivery): Promise<string | null> => {
    const url = `${deliverTo.replace(/\/$/, '')}/webhooks/${delivery.route}`;
    for (let attempt = 1; ; attempt += 1) {
      signal.throwIfAborted();
      const { route, body, manner } = delivery;
      const credentials = profile.credentials({ route, body, url }, manner === 'forged');
      const headers = { 'content-type': 'application/json', ...credentials };
      const answer = await post(url, headers, delivery.body, dispatcher);
      sent.push(record(delivery, attempt, answer));
      const waitDue = profile.retryWaitsDue[attempt - 1];
      if (isAcknowledged(delivery, attempt, answer.answer) || waitDue === undefined) return answer.deliveryId;
      await delay(waitDue * dueMs, undefined, { signal });
    }
  };
  return { sent, send, close: () => dispatcher.destroy() };
}

const ANSWER_TIMEOUT_MS = 15_000;

interface Answer {
  readonly answer: number | null;
  readonly deliveryId: string | null;
}

async function post(url: string, headers: Record<string, string>, body: string, dispatcher: Agent): Promise<Answer> {
  try {
    const answered = await request(url, {
      method: 'POST',
      headers,
      body,
      dispatcher,
      headersTimeout: ANSWER_TIMEOUT_MS,
    });
    await answered.body.dump();
    const deliveryId = answered.headers['delivery-id'];
    return { answer: answered.statusCode, deliveryId: typeof deliveryId === 'string' ? deliveryId : null };
  } catch {
    return { answer: null, deliveryId: null };
  }
}

function record(delivery: Delivery, attempt: number, answer: Answer): Sent {
  const { object, route, event, status, manner } = delivery;
  const at = new Date().toISOString();
  const about = { script: object.script, objectId: object.id, workflowId: object.workflowId };
  return { at, ...about, route, event, says: status, manner, attempt, ...answer };
}

function isAcknowledged(delivery: Delivery, attempt: number, answer: number | null): boolean {
  if (delivery.manner === 'forged') return true; // a forger does not try again
  if (delivery.manner === 'answer lost' && attempt === 1) return false;
  return answer !== null && answer >= 200 && answer < 300;
}
