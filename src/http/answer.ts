import type { IncomingMessage, ServerResponse } from 'node:http';

/** How long a refused sender may go on sending while it reads our answer. */
const LINGER_MS = 1_000;

/** An answer without a body. Without a `Date`, refusals are the same byte for byte. */
function writeHead(response: ServerResponse, status: number, headers: Readonly<Record<string, string>>): void {
  response.sendDate = false;
  response.writeHead(status, { ...headers, 'Content-Length': '0' });
}

/** Answers a request whose body was read to its end. */
export function answer(response: ServerResponse, status: number, headers: Readonly<Record<string, string>> = {}): void {
  writeHead(response, status, headers);
  response.end();
}

/**
 * Answers before the body has come, and closes. Closing at once would reset the connection under the sender's feet,
 * which then never reads why; so what it still sends is thrown away for a moment.
 */
export function answerEarly(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (request.complete) {
    answer(response, status, headers);
    return;
  }
  writeHead(response, status, { ...headers, Connection: 'close' });
  response.flushHeaders();
  const end = (): void => {
    clearTimeout(timer);
    request.off('end', end).off('close', end);
    response.end();
    request.socket.destroySoon();
  };
  const timer = setTimeout(end, LINGER_MS);
  request.on('end', end).on('close', end);
  request.resume();
}
