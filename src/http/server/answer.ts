import type { IncomingMessage, ServerResponse } from 'node:http';

/** An answer without a body. Without a `Date`, refusals are the same byte for byte. */
function writeHead(response: ServerResponse, status: number, headers: Readonly<Record<string, string>>): void {
  response.sendDate = false;
  response.writeHead(status, { ...headers, 'Content-Length': '0' });
}

/** The response to a request whose body was read to its end. */
export function answer(response: ServerResponse, status: number, headers: Readonly<Record<string, string>> = {}): void {
  writeHead(response, status, headers);
  response.end();
}

/**
 * The response before the body has come, which closes the connection: the rest of the body is thrown away (see
 * `connections.ts`). Where no body is to come the connection stays open.
 */
export function answerEarly(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>> = {},
): void {
  const bodyless =
    request.headers['transfer-encoding'] === undefined && Number(request.headers['content-length'] ?? 0) === 0;
  if (request.complete || bodyless) {
    answer(response, status, headers);
    return;
  }
  answer(response, status, { ...headers, Connection: 'close' });
  request.resume();
}
