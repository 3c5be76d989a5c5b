import { Webhook } from 'standardwebhooks';
import { type Dispatcher, request } from 'undici';

import { errorCode } from '../domain/error-code';

/** Where messages are posted, and what they are signed with. */
export interface WebhookTarget {
  readonly url: string;
  readonly secret: string;
}

/** What is posted; the id stays the same at each try. */
export interface Posted {
  readonly id: string;
  readonly body: string;
}

/** More of an answer is not worth reading: nothing in it is looked at. */
const MOST_ANSWER_BYTES = 16_384;

/** A `whsec_` secret is base64 as the specification has it; any other is taken as it is written. Throws where it is neither. */
export function signerOf(secret: string): Webhook {
  return secret.startsWith('whsec_') ? new Webhook(secret) : new Webhook(secret, { format: 'raw' });
}

function headersOf({ secret }: WebhookTarget, { id, body }: Posted): Readonly<Record<string, string>> {
  const at = new Date();
  return {
    'content-type': 'application/json',
    'user-agent': 'partnerflow',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': signerOf(secret).sign(id, at, body),
  };
}

/**
 * Posts a message once. Answers null where it was taken (any 2xx, whatever follows it), else why it was not, in a word.
 * A redirect is not followed: the message is signed for whoever was configured, and nobody else is to have it.
 */
export async function post(
  target: WebhookTarget,
  posted: Posted,
  { timeoutMs, dispatcher }: { readonly timeoutMs: number; readonly dispatcher: Dispatcher },
): Promise<string | null> {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const headers = headersOf(target, posted);
    const answer = await request(target.url, { method: 'POST', headers, body: posted.body, signal, dispatcher });
    await answer.body.dump({ limit: MOST_ANSWER_BYTES, signal }).catch(() => undefined);
    return answer.statusCode >= 200 && answer.statusCode < 300 ? null : `status ${String(answer.statusCode)}`;
  } catch (error) {
    return signal.aborted ? 'timeout' : errorCode(error);
  }
}
