import { STATUS_CODES } from 'node:http';

import { type Problem, problemText } from '../../domain/problem';

/** A response that is not 2xx, as a value that may be thrown from any depth; its text is meant for the caller. */
export class ProblemError extends Error {
  constructor(
    readonly status: number,
    detail: string,
    readonly more: {
      readonly headers?: Readonly<Record<string, string>>;
      readonly members?: Readonly<Record<string, unknown>>;
    } = {},
  ) {
    super(detail);
    this.name = 'ProblemError';
  }
}

const RETRY_AFTER_SECONDS = 5;

/** A 503: the request is fine, a server behind the API is away. */
export function away(detail: string): ProblemError {
  return new ProblemError(503, detail, { headers: { 'retry-after': String(RETRY_AFTER_SECONDS) } });
}

/** A 400, or another status where a route says so: it names the field, what was expected there and what stood there. */
export function badValue(problem: Problem, status: 400 | 409 | 422 = 400): ProblemError {
  const { path: field, expected, found } = problem;
  return new ProblemError(status, problemText(problem), { members: { field, expected, found } });
}

/** The body of an `application/problem+json` response (RFC 9457). */
export function problemBody(problem: ProblemError): Readonly<Record<string, unknown>> {
  const { status, message, more } = problem;
  return { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, detail: message, ...more.members };
}
