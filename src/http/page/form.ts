import type { IncomingMessage } from 'node:http';

import { readBody } from '../operations/body';
import { Refusal } from '../operations/problems';
import type { BodyLimits } from '../server/raw-body';

/** Fields that a form sent. */
export interface Form {
  /** The value of a field; empty where it was not sent. */
  text(name: string): string;
  /** All values of a field that may be sent many times. */
  all(name: string): readonly string[];
}

const TYPE = 'application/x-www-form-urlencoded';

/** Reads a form of a browser; refuses every other kind of body, and what `readBody` refuses. */
export async function readForm(request: IncomingMessage, limits: BodyLimits): Promise<Form> {
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  const body = await readBody(request, limits);
  if (type !== TYPE) throw new Refusal(415, `content-type: expected ${TYPE}, found another`);
  const values = new URLSearchParams(body.toString('utf8'));
  return { text: (name) => values.get(name) ?? '', all: (name) => values.getAll(name) };
}
