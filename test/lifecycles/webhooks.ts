import { createHmac, randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';

import { signBitpanda } from '../../src/simulator/bitpanda/sign';
import { COINIFY_SECRET, TRADEVEST_KEY, type Webhook } from '../faults/partner-stub';
import { BITPANDA_KEY } from '../webhooks/bitpanda-partner';

/** A webhook of Tradevest with any body. */
export function tradevest(endpoint: string, body: object): Webhook {
  const path = `/webhooks/tradevest/${endpoint}`;
  return { path, headers: { 'api-key': TRADEVEST_KEY }, body: JSON.stringify(body) };
}

/** A webhook of Coinify with any context; its event id is its own where none is given. */
export function coinify(
  event: string,
  context: object,
  time: string | null = null,
  id: string = randomUUID(),
): Webhook {
  const body = JSON.stringify({ id, time: time ?? new Date().toISOString(), event, context });
  const signature = createHmac('sha256', COINIFY_SECRET).update(body).digest('hex');
  return { path: '/webhooks/coinify', headers: { 'x-coinify-webhook-signature': signature }, body };
}

/** The context of a trade. */
export function tradeOf(id: string, amount = 100): object {
  const side = (currency: string, of: number) => ({ medium: 'bank', amount: { amount: of, currency } });
  return { id, traderId: '501', transferIn: side('EUR', amount), transferOut: side('BTC', 0.01) };
}

/** A webhook of Bitpanda with any parameters. */
export function bitpanda(receiverUrl: string, event: string, params: object): Webhook {
  const path = `/webhooks/bitpanda/${event}`;
  const body = JSON.stringify({ params });
  return { path, headers: signBitpanda({ method: 'POST', url: `${receiverUrl}${path}`, body, ...BITPANDA_KEY }), body };
}

/**
 * A backend of our own that decides by the name of a recurrence: one that begins with `no` is declined, and one that begins
 * with `silent` is not decided.
 */
export async function startDecisions(): Promise<{ readonly url: string; readonly server: Server }> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { transactionId }: { readonly transactionId: string } = JSON.parse(Buffer.concat(chunks).toString('utf8'));
      response.writeHead(transactionId.startsWith('silent') ? 500 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ confirm: !transactionId.startsWith('no') }));
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a TCP port');
  return { url: `http://127.0.0.1:${String(address.port)}/decide`, server };
}
