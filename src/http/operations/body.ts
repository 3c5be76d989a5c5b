import type { IncomingMessage } from 'node:http';

import { type BodyLimits, createBodyBudget, readRawBody } from '../server/raw-body';
import { away, ProblemError } from './problems';

const LARGEST_BODY_BYTES = 64 * 1024;
const BODY_TIMEOUT_MS = 10_000;
/** 256 of the largest: whoever fills it is no operator. */
const UNFINISHED_BODIES_BYTES = 256 * LARGEST_BODY_BYTES;

/**
 * Limits of bodies from operators, and from strangers who send a login: one budget for the page and the API together.
 */
export function createBodyLimits(): BodyLimits {
  return {
    limitBytes: LARGEST_BODY_BYTES,
    timeoutMs: BODY_TIMEOUT_MS,
    budget: createBodyBudget(UNFINISHED_BODIES_BYTES),
  };
}

function problemOf(status: number, { limitBytes, timeoutMs }: BodyLimits): ProblemError {
  switch (status) {
    case 413:
      return new ProblemError(413, `body: expected at most ${limitBytes} bytes, found more`);
    case 408:
      return new ProblemError(408, `body: expected all of it within ${timeoutMs / 1000} s`);
    case 503:
      return away('too many bodies are being sent at once');
    default:
      return new ProblemError(status, 'body: expected HTTP, found something else');
  }
}

/** The rest of a body that was not read would be taken for the next request: the connection ends with the answer. */
function closing({ status, message, more }: ProblemError): ProblemError {
  return new ProblemError(status, message, { ...more, headers: { ...more.headers, connection: 'close' } });
}

/**
 * The body of a request. Throws a `ProblemError` for one that is too large, too slow, broken, or too much beside all
 * others.
 */
export async function readBody(request: IncomingMessage, limits: BodyLimits): Promise<Buffer> {
  const raw = await readRawBody(request, limits);
  switch (raw.kind) {
    case 'complete':
      return raw.body;
    case 'refused':
      throw closing(problemOf(raw.status, limits));
    case 'gone':
      // Nobody reads this; but nothing of a half body may be done, and a client that hangs up is no mistake of ours.
      throw closing(new ProblemError(400, 'body: expected all of it, found its beginning'));
  }
}

/**
 * The JSON body of a request, whatever its content type says. Throws as `readBody` does, and for a body that is not
 * JSON.
 */
export async function readJsonBody(request: IncomingMessage, limits: BodyLimits): Promise<unknown> {
  const body = await readBody(request, limits);
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
    return value;
  } catch {
    throw new ProblemError(400, 'body: expected a JSON object, found something that is not JSON');
  }
}
