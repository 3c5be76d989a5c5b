import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

import type { Webhook } from 'standardwebhooks';

/** How our own backend treats one request. */
export type Treatment =
  | 'takes'
  | 'fails'
  | 'refuses'
  | 'redirects'
  | 'hangs'
  | 'closes'
  | 'takes with endless text'
  | 'fails with endless text'
  | 'takes and closes';

/** One message that arrived, verified or not. */
export interface Arrival {
  readonly id: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly treatment: Treatment;
}

/** Our own backend, on a socket: verifies by a standard library, and misbehaves as it is told. */
export interface Backend {
  readonly url: string;
  /** All that arrived and verified, in order. */
  readonly arrivals: Arrival[];
  /** Requests whose signature did not verify. */
  readonly forged: string[];
  /** Requests that reached where a redirect points to. */
  readonly redirected: string[];
  treat: (arrival: Omit<Arrival, 'treatment'>) => Treatment;
  close(): Promise<void>;
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function sendEndlessly(response: ServerResponse, status: number): void {
  response.writeHead(status);
  const text = Buffer.alloc(65_536, 'x');
  const more = (): void => {
    while (!response.destroyed && response.write(text));
  };
  response.on('drain', more);
  response.on('error', () => undefined);
  more();
}

function answer(treatment: Treatment, request: IncomingMessage, response: ServerResponse): void {
  switch (treatment) {
    case 'takes':
      response.writeHead(204).end();
      return;
    case 'fails':
      response.writeHead(500).end('an error of ours');
      return;
    case 'refuses':
      response.writeHead(422).end();
      return;
    case 'redirects':
      response.writeHead(307, { location: '/elsewhere' }).end();
      return;
    case 'hangs':
      return;
    case 'closes':
      request.socket.destroy();
      return;
    case 'takes with endless text':
      sendEndlessly(response, 200);
      return;
    case 'fails with endless text':
      sendEndlessly(response, 500);
      return;
    case 'takes and closes':
      response.writeHead(200, { 'content-length': '100' });
      response.write('half');
      setTimeout(() => request.socket.destroy(), 10);
  }
}

export async function startBackend(webhook: Webhook): Promise<Backend> {
  const state: Pick<Backend, 'arrivals' | 'forged' | 'redirected' | 'treat'> = {
    arrivals: [],
    forged: [],
    redirected: [],
    treat: () => 'takes',
  };
  const receive = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await textOf(request);
    const id = String(request.headers['webhook-id']);
    if (request.url === '/elsewhere') state.redirected.push(id);
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    try {
      webhook.verify(body, headers);
    } catch {
      state.forged.push(id);
      response.writeHead(401).end();
      return;
    }
    const { type, data }: { type: string; data: Record<string, unknown> } = JSON.parse(body);
    const treatment = backend.treat({ id, type, data });
    state.arrivals.push({ id, type, data, treatment });
    answer(treatment, request, response);
  };
  const server = createServer((request, response) => void receive(request, response).catch(() => undefined));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const backend: Backend = Object.assign(state, {
    url: `http://127.0.0.1:${String(port)}/own-backend`,
    close: async () => {
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  });
  return backend;
}

/** True where the backend said that it has it: its 2xx arrived, whatever became of the rest. */
export function isTaken({ treatment }: Arrival): boolean {
  return treatment === 'takes' || treatment === 'takes with endless text' || treatment === 'takes and closes';
}
