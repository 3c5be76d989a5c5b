import { createServer, type Server } from 'node:http';
import type { Socket } from 'node:net';

import type Koa from 'koa';

export interface ListenerOptions {
  readonly host: string;
  readonly port: number;
  /** From the opening of the connection, or from the first byte of a later request. */
  readonly headersTimeoutMs: number;
}

export interface Listener {
  readonly url: string;
  readonly port: number;
  /** Stops accepting, lets requests under way finish, then closes. */
  close(): Promise<void>;
}

const CHECK_INTERVAL_MS = 250;
const KEEP_ALIVE_TIMEOUT_MS = 65_000;
const LARGEST_HEADERS_BYTES = 16_384;
const CLOSE_GRACE_MS = 10_000;

const STATUS_BY_CODE: Readonly<Record<string, string>> = {
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Payload Too Large',
};

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** What is not HTTP, or comes too slowly to be: one short answer, then the connection is closed. */
function onClientError(error: Error, socket: Socket): void {
  if (codeOf(error) === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = STATUS_BY_CODE[codeOf(error)] ?? '400 Bad Request';
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroySoon());
}

/** A connection that never says anything is not covered by Node's own limit, which starts at the first byte. */
function dropSilent(socket: Socket, timeoutMs: number): void {
  const timer = setTimeout(() => {
    socket.end('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n', () =>
      socket.destroySoon(),
    );
  }, timeoutMs);
  const clear = (): void => {
    clearTimeout(timer);
  };
  socket.once('data', clear);
  socket.once('close', clear);
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      const address = server.address();
      resolve(address !== null && typeof address === 'object' ? address.port : port);
    });
  });
}

/** Listens for HTTP with limits on everything a stranger can make slow or large. */
export async function startListener(application: Koa, options: ListenerOptions): Promise<Listener> {
  const handle = application.callback();
  const server = createServer(
    {
      headersTimeout: options.headersTimeoutMs,
      // Bodies have their own limit; this one only catches what that limit cannot see, such as lingering after an answer.
      requestTimeout: 0,
      connectionsCheckingInterval: CHECK_INTERVAL_MS,
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
      maxHeaderSize: LARGEST_HEADERS_BYTES,
    },
    (request, response) => {
      void handle(request, response);
    },
  );
  server.on('clientError', onClientError);
  server.on('connection', (socket) => {
    dropSilent(socket, options.headersTimeoutMs);
  });
  const port = await listen(server, options.host, options.port);
  return {
    port,
    url: `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`,
    close: () =>
      new Promise((resolve) => {
        const force = setTimeout(() => {
          server.closeAllConnections();
        }, CLOSE_GRACE_MS);
        server.close(() => {
          clearTimeout(force);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}
