import type { IncomingMessage } from 'node:http';

import { Refusal } from './problems';

const LIMIT_BYTES = 64 * 1024;
const TIMEOUT_MS = 10_000;

async function collect(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Not destroyed on return: the connection still has to carry the answer.
  const incoming: AsyncIterable<Buffer> = request.iterator({ destroyOnReturn: false });
  for await (const chunk of incoming) {
    bytes += chunk.length;
    if (bytes > LIMIT_BYTES) throw refused(413, `body: expected at most ${LIMIT_BYTES} bytes, found more`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The rest of a body that was not read would be taken for the next request: the connection ends with the answer. */
function refused(status: number, detail: string): Refusal {
  return new Refusal(status, detail, { headers: { connection: 'close' } });
}

/** Reads a body; refuses what is too large or too slow. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  let timer: NodeJS.Timeout | undefined;
  const tooSlow = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(refused(408, 'body: expected all of it within 10 s')), TIMEOUT_MS);
  });
  try {
    return await Promise.race([collect(request), tooSlow]);
  } finally {
    clearTimeout(timer);
  }
}

/** Reads a JSON body, whatever its content type says; refuses what is too large, too slow or not JSON. */
export async function readJsonBody(request: IncomingMessage): Promise<unknown> {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(await readBody(request)));
    return value;
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal(400, 'body: expected a JSON object, found something that is not JSON');
  }
}
