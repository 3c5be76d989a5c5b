import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';

/** One request as the server saw it. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What the server does with a request; `null` leaves it unanswered. */
export type Reply = {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
} | null;

export interface ScriptedServer {
  readonly url: string;
  readonly asked: readonly Asked[];
  /** How often a path was asked. */
  count(path: string): number;
  close(): Promise<void>;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}

function send(response: ServerResponse, reply: NonNullable<Reply>): void {
  const { status, headers = {}, body = '' } = reply;
  response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
}

/** A real HTTP server on loopback that answers as its script says, and remembers what it was asked. */
export async function startScriptedServer(script: (asked: Asked) => Reply | Promise<Reply>): Promise<ScriptedServer> {
  const asked: Asked[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const one = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      body: await bodyOf(request),
    };
    asked.push(one);
    const reply = await script(one);
    if (reply !== null) send(response, reply);
  };
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    asked,
    count: (path) => asked.filter((one) => one.path === path).length,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
