import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';

/** An error on a request whose body stopped being HTTP, or came too slowly; the reader of the body responds. */
export class BrokenRequest extends Error {
  constructor(readonly status: number) {
    super(STATUS_CODES[status]);
  }
}

/** A connection of a stranger, from its opening to its end. */
export interface Connection {
  /** A request has come with all its headers; its answer is awaited before anything else is said. */
  begin(request: IncomingMessage, response: ServerResponse): void;
  /** Responds, in its turn, to a request that is not HTTP, too large or too late; then closes. */
  refuse(status: number): void;
  /** True once the last answer is decided: what still arrives is thrown away. */
  closing(): boolean;
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/**
 * Says that no more will come and goes on reading for a moment. Closing at once would reset the connection under the
 * feet of a client that is still sending, which then never reads why it was refused.
 */
function linger(socket: Socket, lingerMs: number): void {
  if (socket.destroyed) return;
  socket.end();
  const timer = setTimeout(() => socket.destroy(), lingerMs);
  socket.once('close', () => {
    clearTimeout(timer);
  });
}

/** Hands a broken body to its reader, and says whether there is one. */
function handOver({ request }: Exchange, status: number): boolean {
  return request.listenerCount('error') > 0 && request.emit('error', new BrokenRequest(status));
}

/** Limits of a connection, in milliseconds. */
export interface ConnectionLimits {
  /** From the opening of the connection to the end of its first headers. */
  readonly headersTimeoutMs: number;
  /** The time a rejected sender may go on sending while it reads our response. */
  readonly lingerMs: number;
}

/** A watch on a connection: its first headers, the order of its responses, and its end. */
export function watchConnection(socket: Socket, limits: ConnectionLimits): Connection {
  let unanswered = 0;
  let latest: Exchange | null = null;
  let closing = false;
  let last: (() => void) | null = null;

  const close = (): void => {
    closing = true;
    linger(socket, limits.lingerMs);
  };
  const afterAnswers = (act: () => void): void => {
    closing = true;
    last = act;
    if (unanswered === 0) act();
  };
  // Node takes its own listener off a connection that asks for a tunnel: a reset would then end the whole process.
  socket.on('error', () => socket.destroy());
  // Node ends a connection by this after an answer with `Connection: close`.
  socket.destroySoon = close;
  const refuse = (status: number): void => {
    if (closing) return;
    const inBody = latest !== null && !latest.request.complete ? latest : null;
    if (inBody === null) {
      const head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;
      afterAnswers(() => {
        socket.write(head);
        close();
      });
    } else if (inBody.response.writableEnded) afterAnswers(close);
    else if (!handOver(inBody, status)) socket.destroy();
  };
  // Node counts its own limit from the first byte, so that silence before it would cost a stranger nothing.
  const firstHeaders = setTimeout(() => {
    refuse(408);
  }, limits.headersTimeoutMs);
  socket.once('close', () => {
    clearTimeout(firstHeaders);
  });
  return {
    refuse,
    closing: () => closing,
    begin(request, response) {
      if (latest === null) clearTimeout(firstHeaders);
      latest = { request, response };
      // A number, not a set of them: what a set forgets its old tables keep alive, through many collections of garbage.
      unanswered += 1;
      response.once('close', () => {
        unanswered -= 1;
        if (unanswered === 0) last?.();
      });
    },
  };
}
