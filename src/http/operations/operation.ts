import * as t from 'io-ts';

import { decode } from '../../codecs/decode';
import { firstCharacters } from '../../domain/plain-text';
import type { Fields } from './fields';
import { badValue, ProblemError } from './problems';

/** The response of a route that succeeded. */
export interface Answer {
  readonly status: 200 | 201 | 202;
  readonly body: unknown;
  /** Name and type of the file that the body is; absent for JSON. */
  readonly file?: { readonly name: string; readonly type: string };
}

/** A request whose token was accepted, before its query and body were looked at. */
export interface AcceptedRequest {
  /** The name of the caller's token. */
  readonly who: string;
  /** The part of the path that stands for the first `{…}`, decoded once; empty where there is none. */
  readonly id: string;
  /** The parts that stand for every `{…}`, in their order. */
  readonly ids: readonly string[];
  readonly query: Readonly<Record<string, unknown>>;
  /** The caller's own name for this request, so that it may be repeated; null for none. */
  readonly key: string | null;
  readonly readBody: () => Promise<unknown>;
}

/** The part of a route that the description of the API shows. */
export interface Description {
  readonly method: 'get' | 'post';
  readonly path: `/operations/${string}`;
  readonly summary: string;
  /** Statuses besides 400, 401 and 503; 2xx with the name of the schema of its body. */
  readonly answers: Readonly<Record<number, string>>;
}

/** One route of the operations API. */
export interface Operation extends Description {
  readonly query: Fields;
  readonly body: { readonly required: Fields; readonly optional: Fields } | null;
  /** Largest body in bytes, where it differs from that of the others. */
  readonly largestBodyBytes?: number;
  answer(request: AcceptedRequest): Promise<Answer>;
}

type Caller = Pick<AcceptedRequest, 'who' | 'id' | 'ids' | 'key'>;

function rejectUnknown(given: object, known: readonly string[], status: 400 | 422 = 400): void {
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const expected = known.length === 0 ? 'nothing' : `only ${known.join(', ')}`;
  throw badValue({ path: firstCharacters(unknown, 100), expected, found: 'an unknown name' }, status);
}

function decodeOrReject<T>(codec: t.Decoder<unknown, T>, value: unknown, status: 400 | 422 = 400): T {
  const decoding = decode(codec, value);
  if (!decoding.ok) throw badValue(decoding.problem, status);
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
    answer({ who, id, ids, key, query }) {
      rejectUnknown(query, Object.keys(description.query));
      return description.handle({ who, id, ids, key, query: decodeOrReject(codec, query) });
    },
  };
}

/** A route that does something: its body is checked before `handle` sees it. */
export function withBody<R extends Fields, O extends Fields>(
  description: Description & {
    readonly required: R;
    readonly optional: O;
    /** The status for a body that is a JSON object and not what was expected; 400 where it is absent. */
    readonly badBodyStatus?: 400 | 422;
    readonly largestBodyBytes?: number;
    /** The object that another way to write the body stands for; absent where there is only one. */
    readonly inFull?: (given: unknown) => unknown;
    handle(request: Caller & { readonly body: t.TypeOf<t.TypeC<R>> & t.TypeOf<t.PartialC<O>> }): Promise<Answer>;
  },
): Operation {
  const { required, optional, badBodyStatus = 400, inFull = (given: unknown): unknown => given } = description;
  const codec = t.intersection([t.type(required), t.partial(optional)]);
  return {
    ...description,
    query: {},
    body: { required, optional },
    async answer({ who, id, ids, key, query, readBody }) {
      rejectUnknown(query, []);
      const body = inFull(await readBody());
      if (typeof body !== 'object' || body === null || Array.isArray(body)) {
        throw new ProblemError(400, 'body: expected a JSON object, found something else');
      }
      rejectUnknown(body, Object.keys({ ...required, ...optional }), badBodyStatus);
      return description.handle({ who, id, ids, key, body: decodeOrReject(codec, body, badBodyStatus) });
    },
  };
}
