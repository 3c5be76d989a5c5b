import * as t from 'io-ts';

import { decode } from '../../codecs/decode';
import type { Fields } from './fields';
import { badValue, Refusal } from './problems';

/** What a route answers when all went well. */
export interface Answer {
  readonly status: 200 | 201 | 202;
  readonly body: unknown;
}

/** A request whose token was accepted, before its query and body were looked at. */
export interface AcceptedRequest {
  /** The name of the caller's token. */
  readonly who: string;
  /** The part of the path that stands for `{…}`, decoded once; empty where there is none. */
  readonly id: string;
  readonly query: Readonly<Record<string, unknown>>;
  readonly readBody: () => Promise<unknown>;
}

/** What the description of the API says of a route. */
export interface Description {
  readonly method: 'get' | 'post';
  /** With at most one `{…}`. */
  readonly path: `/operations/${string}`;
  readonly summary: string;
  /** Statuses besides 400, 401 and 503; 2xx with the name of the schema of its body. */
  readonly answers: Readonly<Record<number, string>>;
}

/** One route of the operations API. */
export interface Operation extends Description {
  readonly query: Fields;
  readonly body: { readonly required: Fields; readonly optional: Fields } | null;
  answer(request: AcceptedRequest): Promise<Answer>;
}

interface Caller {
  readonly who: string;
  readonly id: string;
}

function refuseUnknown(given: object, known: readonly string[]): void {
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const expected = known.length === 0 ? 'nothing' : `only ${known.join(', ')}`;
  throw badValue({ path: unknown.slice(0, 100), expected, found: 'an unknown name' });
}

function decodeOrRefuse<T>(codec: t.Decoder<unknown, T>, value: unknown): T {
  const decoding = decode(codec, value);
  if (!decoding.ok) throw badValue(decoding.problem);
  return decoding.value;
}

/** A route that reads: its query is checked before `handle` sees it. */
export function withQuery<Q extends Fields>(
  description: Description & {
    readonly query: Q;
    handle(request: Caller & { readonly query: t.TypeOf<t.PartialC<Q>> }): Promise<Answer>;
  },
): Operation {
  const codec = t.partial(description.query);
  return {
    ...description,
    body: null,
    answer({ who, id, query }) {
      refuseUnknown(query, Object.keys(description.query));
      return description.handle({ who, id, query: decodeOrRefuse(codec, query) });
    },
  };
}

/** A route that does something: its body is checked before `handle` sees it. */
export function withBody<R extends Fields, O extends Fields>(
  description: Description & {
    readonly required: R;
    readonly optional: O;
    handle(request: Caller & { readonly body: t.TypeOf<t.TypeC<R>> & t.TypeOf<t.PartialC<O>> }): Promise<Answer>;
  },
): Operation {
  const { required, optional } = description;
  const codec = t.intersection([t.type(required), t.partial(optional)]);
  return {
    ...description,
    query: {},
    body: { required, optional },
    async answer({ who, id, query, readBody }) {
      refuseUnknown(query, []);
      const body = await readBody();
      if (typeof body !== 'object' || body === null || Array.isArray(body)) {
        throw new Refusal(400, 'body: expected a JSON object, found something else');
      }
      refuseUnknown(body, Object.keys({ ...required, ...optional }));
      return description.handle({ who, id, body: decodeOrRefuse(codec, body) });
    },
  };
}
