import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

import type Koa from 'koa';

import { type Connection, type ConnectionLimits, watchConnection } from './connections';

/** The address of a listener, and its limits. */
export interface ListenerOptions {
  readonly host: string;
  readonly port: number;
  /** From the opening of the connection, or from the first byte of a later request. */
  readonly headersTimeoutMs: number;
  /** The time a rejected sender may go on sending while it reads our response. */
  readonly lingerMs?: number;
}

/** A listener that runs. */
export interface Listener {
  readonly url: string;
  readonly port: number;
  /** Stops accepting, lets requests under way finish, then closes. */
  close(): Promise<void>;
}

const CHECK_INTERVAL_MS = 250;
const KEEP_ALIVE_TIMEOUT_MS = 65_000;
const LARGEST_HEADERS_BYTES = 16_384;
/** The guard behind the limit on bodies, for whoever reads a body without one. */
const REQUEST_TIMEOUT_MS = 300_000;
const LINGER_MS = 2_000;
const CLOSE_GRACE_MS = 10_000;
const CLOSE_IDLE_EVERY_MS = 100;

const STATUS_BY_CODE: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
};

/** The client has gone: there is nobody to answer. */
const GONE: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT']);

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
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

/** Hands requests over, and answers by itself what is not one. */
function guard(server: Server, application: Koa, limits: ConnectionLimits): void {
  const handle = application.callback();
  const connections = new WeakMap<Duplex, Connection>();
  server.on('connection', (socket) => {
    connections.set(socket, watchConnection(socket, limits));
  });
  const take = (request: IncomingMessage, response: ServerResponse): void => {
    const connection = connections.get(request.socket);
    if (connection === undefined || connection.closing()) return;
    connection.begin(request, response);
    void handle(request, response);
  };
  server.on('request', take);
  // An `Expect` that Node does not know: it would answer 417, and what is authentic would be lost for a header.
  server.on('checkExpectation', take);
  server.on('clientError', (error, socket) => {
    if (GONE.has(codeOf(error)) || !socket.writable) socket.destroy();
    else connections.get(socket)?.refuse(STATUS_BY_CODE[codeOf(error)] ?? 400);
  });
  server.on('connect', (_request, socket) => {
    connections.get(socket)?.refuse(404);
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const idle = setInterval(() => {
      server.closeIdleConnections();
    }, CLOSE_IDLE_EVERY_MS);
    const force = setTimeout(() => {
      server.closeAllConnections();
    }, CLOSE_GRACE_MS);
    server.close(() => {
      clearInterval(idle);
      clearTimeout(force);
      resolve();
    });
  });
}

/** A listener for HTTP with limits on everything that a stranger can make slow or large. */
export async function startListener(application: Koa, options: ListenerOptions): Promise<Listener> {
  const server = createServer({
    headersTimeout: options.headersTimeoutMs,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: CHECK_INTERVAL_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    maxHeaderSize: LARGEST_HEADERS_BYTES,
  });
  // Node drops headers beyond a number without a word: a second credential could hide there. The bytes are limited.
  server.maxHeadersCount = 0;
  // A client that says all it has to say and half-closes still waits for its answer.
  Object.assign(server, { httpAllowHalfOpen: true });
  guard(server, application, { headersTimeoutMs: options.headersTimeoutMs, lingerMs: options.lingerMs ?? LINGER_MS });
  const port = await listen(server, options.host, options.port);
  return {
    port,
    url: `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`,
    close: () => close(server),
  };
}
