import { Webhook } from 'standardwebhooks';
import { type Dispatcher, request } from 'undici';

import { errorCode } from '../domain/error-code';

/** Address that messages are posted to, and the secret they are signed with. */
export interface WebhookTarget {
  readonly url: string;
  readonly secret: string;
}

/** Message to post; the id stays the same at each attempt. */
export interface Posted {
  readonly id: string;
  readonly body: string;
  readonly contentType: string;
}

/**
 * Signer for a secret. A `whsec_` secret is base64 as the specification has it; any other is used as it is written.
 * Throws where it is neither.
 */
export function signerOf(secret: string): Webhook {
  return secret.startsWith('whsec_') ? new Webhook(secret) : new Webhook(secret, { format: 'raw' });
}

/** Number of bytes read of an answer: nothing in it is used. */
const MOST_ANSWER_BYTES = 16_384;

/**
 * Result of posting a message once: null where it was taken (any 2xx, whatever follows it), else the reason in a
 * word. A redirect is not followed: the message is signed for the configured receiver, and nobody else may get it.
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

function headersOf({ secret }: WebhookTarget, { id, body, contentType }: Posted): Readonly<Record<string, string>> {
  const at = new Date();
  return {
    'content-type': contentType,
    'user-agent': 'partnerflow',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': signerOf(secret).sign(id, at, body),
  };
}
