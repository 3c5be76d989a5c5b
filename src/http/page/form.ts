import type { IncomingMessage } from 'node:http';

import { readBody } from '../operations/body';
import { ProblemError } from '../operations/problems';
import type { BodyLimits } from '../server/raw-body';

/** The fields of a form that was sent. */
export interface Form {
  /** The value of a field; empty where it was not sent. */
  text(name: string): string;
  /** All values of a field that may be sent many times. */
  all(name: string): readonly string[];
}

const TYPE = 'application/x-www-form-urlencoded';

/**
 * The form of a request from a browser. Throws a `ProblemError` for every other kind of body, and as `readBody` does.
 */
export async function readForm(request: IncomingMessage, limits: BodyLimits): Promise<Form> {
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  const body = await readBody(request, limits);
  if (type !== TYPE) throw new ProblemError(415, `content-type: expected ${TYPE}, found another`);
  const values = new URLSearchParams(body.toString('utf8'));
  return { text: (name) => values.get(name) ?? '', all: (name) => values.getAll(name) };
}
