import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';

import { Webhook } from 'standardwebhooks';

/** The bank's side of messages: verifies, keeps ids, applies each once. */
export interface Bank {
  readonly url: string;
  /** Ids of the messages in the order in which they were applied. */
  applied(): readonly string[];
  behave(manner: 'well' | 'refuses' | 'hangs'): void;
  stop(): Promise<void>;
}

/** Bank on the loopback; `secret` is what its messages are signed with. */
export async function startBank(secret: string): Promise<Bank> {
  const webhook = new Webhook(secret, { format: 'raw' });
  const applied = new Set<string>();
  let manner: 'well' | 'refuses' | 'hangs' = 'well';
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      if (manner === 'hangs') return;
      if (manner === 'refuses') {
        response.writeHead(503).end();
        return;
      }
      const id = String(request.headers['webhook-id']);
      webhook.verify(body, {
        'webhook-id': id,
        'webhook-timestamp': String(request.headers['webhook-timestamp']),
        'webhook-signature': String(request.headers['webhook-signature']),
      });
      applied.add(id);
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the bank has no port');
  return {
    url: `http://127.0.0.1:${address.port}/`,
    applied: () => [...applied],
    behave: (next) => {
      if (manner === 'hangs') server.closeAllConnections();
      manner = next;
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => void server.close(() => resolve()));
    },
  };
}
