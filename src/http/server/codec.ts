import type { IncomingMessage } from 'node:http';

import * as t from 'io-ts';
import type { Context, Middleware } from 'koa';

import { decode } from '../../codecs/decode';
import { answerEarly } from './answer';
import { createBodyBudget, readRawBody } from './raw-body';

/** Payloads in the JSON of Protobuf, as the Temporal Web UI sends them. */
export type JsonPayload = Readonly<Record<string, unknown>>;

/** Options of the codec server. */
export interface CodecOptions {
  /** The only web page that may read answers: scheme, host and port. */
  readonly uiOrigin: string;
  /** Both throw an error whose message names what is wrong and holds nothing of a payload. */
  readonly encode: (payloads: readonly JsonPayload[]) => Promise<readonly JsonPayload[]>;
  readonly decode: (payloads: readonly JsonPayload[]) => Promise<readonly JsonPayload[]>;
}

const Request = t.type({ payloads: t.readonlyArray(t.record(t.string, t.unknown)) });

/** A page of history with several payloads of Temporal's largest size. */
const LARGEST_BODY_BYTES = 33_554_432;
const BODY_TIMEOUT_MS = 10_000;

const ROUTES = ['/encode', '/decode'] as const;

function allow(context: Context, uiOrigin: string): void {
  context.set({
    'access-control-allow-origin': uiOrigin,
    'access-control-allow-methods': 'POST, OPTIONS',
    'access-control-allow-headers': 'content-type, x-namespace, authorization',
    vary: 'Origin',
    'cache-control': 'no-store',
  });
}

function parse(body: Buffer): unknown {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return value;
  } catch {
    return undefined;
  }
}

function refuse(context: Context, status: number, message: string): void {
  context.status = status;
  context.body = { message };
}

/** A request that the Temporal Web UI never sends comes from a page that may not use this server. */
function isForeign({ headers }: IncomingMessage, uiOrigin: string): boolean {
  return headers.origin !== undefined && headers.origin !== uiOrigin;
}

/** `POST /decode` and `/encode` for the Temporal Web UI and command line; everything else is 404. */
export function createCodec(options: CodecOptions): Middleware {
  const budget = createBodyBudget(4 * LARGEST_BODY_BYTES);
  const convert = async (context: Context, work: CodecOptions['decode'], body: Buffer): Promise<void> => {
    const decoding = decode(Request, parse(body));
    if (!decoding.ok) {
      refuse(context, 400, 'payloads: expected {"payloads": [objects]}, found something else');
      return;
    }
    try {
      context.body = { payloads: await work(decoding.value.payloads) };
    } catch (error) {
      refuse(context, 400, error instanceof Error ? error.message : 'The payloads cannot be converted.');
    }
  };
  return async (context, next) => {
    const route = ROUTES.find((one) => one === context.path);
    if (route === undefined) {
      await next();
      return;
    }
    if (isForeign(context.req, options.uiOrigin))
      return refuse(context, 403, 'expected the origin of the Temporal Web UI');
    allow(context, options.uiOrigin);
    if (context.method === 'OPTIONS') {
      context.status = 204;
      return;
    }
    if (context.method !== 'POST') {
      context.set('allow', 'POST, OPTIONS');
      return refuse(context, 405, 'expected POST');
    }
    const raw = await readRawBody(context.req, { limitBytes: LARGEST_BODY_BYTES, timeoutMs: BODY_TIMEOUT_MS, budget });
    if (raw.kind === 'complete')
      return convert(context, route === '/decode' ? options.decode : options.encode, raw.body);
    context.respond = false;
    if (raw.kind === 'refused') answerEarly(context.req, context.res, raw.status);
  };
}
