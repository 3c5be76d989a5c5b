import { STATUS_CODES } from 'node:http';

import { type Problem, problemText } from '../../domain/problem';

/** An answer that is not 2xx, as a value that may be thrown from any depth; its text is meant for the caller. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    detail: string,
    readonly more: {
      readonly headers?: Readonly<Record<string, string>>;
      readonly members?: Readonly<Record<string, unknown>>;
    } = {},
  ) {
    super(detail);
    this.name = 'Refusal';
  }
}

const RETRY_AFTER_SECONDS = 5;

/** 503: nothing is wrong with the request, something of ours is away. */
export function away(detail: string): Refusal {
  return new Refusal(503, detail, { headers: { 'retry-after': String(RETRY_AFTER_SECONDS) } });
}

/** 400, or 422 where a route says so: names the field, what was expected there and what stood there. */
export function badValue(problem: Problem, status: 400 | 422 = 400): Refusal {
  const { path: field, expected, found } = problem;
  return new Refusal(status, problemText(problem), { members: { field, expected, found } });
}

/** The body of an `application/problem+json` answer (RFC 9457). */
export function problemBody(refusal: Refusal): Readonly<Record<string, unknown>> {
  const { status, message, more } = refusal;
  return { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, detail: message, ...more.members };
}
