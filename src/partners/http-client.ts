import { errors, request } from 'undici';

import { decode, type Decoding } from '../codecs/decode';
import { parseJson } from '../codecs/json';
import type { Decoder } from 'io-ts';

import { ReadFailure, type ReadFailureCause } from './reading';

/** One call of a partner's API. */
export interface PartnerCall {
  readonly method: 'GET' | 'POST' | 'PATCH';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as a form (OAuth) or as JSON. */
  readonly form?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  /** Ends the call; shared by all calls of one read, so that the read as a whole has one deadline. */
  readonly signal: AbortSignal;
}

/** Response of a partner. */
export interface PartnerAnswer {
  readonly statusCode: number;
  readonly body: Buffer;
  readonly retryAfterMs: number | null;
}

const LARGEST_ANSWER_BYTES = 1_048_576;
const LONGEST_RETRY_AFTER_MS = 3_600_000;

/** `Retry-After` as seconds or as a date, in milliseconds; null for anything else. */
export function retryAfterMs(header: string | string[] | undefined, nowMs: number): number | null {
  const text = Array.isArray(header) ? header[0] : header;
  if (text === undefined) return null;
  const waitMs = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs;
  return Number.isFinite(waitMs) ? Math.min(LONGEST_RETRY_AFTER_MS, Math.max(0, waitMs)) : null;
}

function failureCauseOf(error: unknown, signal: AbortSignal): ReadFailureCause {
  const timedOut =
    error instanceof errors.HeadersTimeoutError ||
    error instanceof errors.BodyTimeoutError ||
    error instanceof errors.ConnectTimeoutError;
  return signal.aborted || timedOut ? 'timeout' : 'refused connection';
}

async function bodyWithin(stream: AsyncIterable<Uint8Array>, limitBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.length;
    if (bytes > limitBytes) throw new ReadFailure('undecodable', `an answer above ${limitBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function payloadOf({ form, json }: PartnerCall): { body: string | null; type: Readonly<Record<string, string>> } {
  if (form !== undefined)
    return {
      body: new URLSearchParams(form).toString(),
      type: { 'content-type': 'application/x-www-form-urlencoded' },
    };
  if (json !== undefined) return { body: JSON.stringify(json), type: { 'content-type': 'application/json' } };
  return { body: null, type: {} };
}

/** Calls a partner once; redirects are not followed, retries are Temporal's. Throws `ReadFailure` where no answer came. */
export async function callPartner(call: PartnerCall): Promise<PartnerAnswer> {
  const { body, type } = payloadOf(call);
  const { method, url, signal } = call;
  try {
    const headers = { accept: 'application/json', ...type, ...call.headers };
    const response = await request(url, { method, headers, body, signal });
    const content = await bodyWithin(response.body, LARGEST_ANSWER_BYTES);
    return {
      statusCode: response.statusCode,
      body: content,
      retryAfterMs: retryAfterMs(response.headers['retry-after'], Date.now()),
    };
  } catch (error) {
    if (error instanceof ReadFailure) throw error;
    throw new ReadFailure(failureCauseOf(error, signal), `${method} gave no answer`);
  }
}

function causeOfStatus(statusCode: number): ReadFailureCause {
  if (statusCode === 401) return 'unauthorised';
  if (statusCode === 403) return 'forbidden';
  if (statusCode === 429) return 'rate-limited';
  return statusCode >= 500 ? 'server-error' : 'unexpected-status';
}

/** Failure that a response other than 200 means. */
export function failureOfAnswer(answer: PartnerAnswer, what: string): ReadFailure {
  return new ReadFailure(
    causeOfStatus(answer.statusCode),
    `${what} answered ${answer.statusCode}`,
    answer.retryAfterMs,
  );
}

/** Decodes an answer of 200; throws `ReadFailure` with the path of what was not understood. */
export function decodeAnswer<T>(
  codec: Decoder<unknown, T>,
  answer: PartnerAnswer,
  what: string,
  parse: (bytes: Uint8Array) => Decoding<object> = parseJson,
): T {
  if (answer.statusCode !== 200) throw failureOfAnswer(answer, what);
  const json = parse(answer.body);
  const decoded = json.ok ? decode(codec, json.value) : json;
  if (decoded.ok) return decoded.value;
  const { path, expected, found } = decoded.problem;
  throw new ReadFailure('undecodable', `${what}: ${path}: expected ${expected}, found ${found}`);
}
