import * as t from 'io-ts';

import { decode } from '../../codecs/decode';
import { parseJson, writeJson } from '../../codecs/json';
import { ObjectId, optional } from '../../codecs/primitives';
import type { LifecycleTable } from '../../domain/lifecycles/table';
import { bitpandaOrder } from './lifecycles/order';
import { bitpandaSavingsPlan } from './lifecycles/savings-plan';
import { bitpandaTransfer } from './lifecycles/transfer';
import type { SubjectKey } from '../../domain/subject-key';
import type { Reading } from '../../domain/reading';
import { callPartner, decodeAnswer, failureOfAnswer, type PartnerAnswer } from '../http-client';
import { pathsFor, type ReadPaths } from '../paths';
import { type PartnerReader, ReadFailure } from '../reading';
import type { Listing, SweepWindow } from '../sweep';
import { createTokenCache } from '../token-cache';
import { statusOf } from './body';
import { besideState } from './entry-details';
import { ListedEvent, type ListedEvents } from './listed-events';
import { objectsOf } from './listed-objects';
import { entriesOf } from './paged-list';
import { DEFAULT_PATHS } from './paths';
import { type ClientCredentials, createTokenChain } from './tokens';

/** Options of Bitpanda's client. */
export interface BitpandaClientOptions extends ClientCredentials {
  readonly apiUrl: string;
  /** Paths in place of those of `DEFAULT_PATHS`, by what is asked. */
  readonly paths?: ReadPaths;
}

/** Reads Bitpanda's objects, confirms recurrences, lists events. */
export interface BitpandaReader extends PartnerReader {
  /** `not confirmed` where the partner refuses it. Throws `ReadFailure` where it gave no answer. */
  readonly confirmRecurrence: (transactionId: string, userId: string | null) => Promise<'confirmed' | 'not confirmed'>;
  /** Events within a period, ISO 8601 UTC. Throws `ReadFailure`. */
  readonly readEvents: (from: string, to: string) => Promise<ListedEvents>;
  /** Webhooks that objects of a period were told by, from the lists of objects. Throws `ReadFailure`. */
  readonly readObjects: (window: SweepWindow) => Promise<Listing>;
}

/** Search for an object, and the field of the entry that holds its state. */
interface Search {
  readonly table: LifecycleTable;
  readonly field: 'status' | 'transaction_status';
  /** Words of the read in those of the webhooks; an older page calls a finished trade completed (vendors.md §3.2). */
  readonly words?: ReadonlyMap<string, string>;
}

const SEARCHES: Readonly<Record<string, Search>> = {
  order: { table: bitpandaOrder, field: 'status', words: new Map([['completed', 'finished']]) },
  transfer: { table: bitpandaTransfer, field: 'transaction_status' },
  'savings-plan': { table: bitpandaSavingsPlan, field: 'status' },
};

const Found = t.type({ data: t.array(t.intersection([t.type({ id: ObjectId }), t.UnknownRecord])) });

type Entry = t.TypeOf<typeof Found>['data'][number];

/** Entry of the object in the answer of a search, which may show others, too. */
function entryOf(id: string, answer: PartnerAnswer): Entry | undefined {
  return decodeAnswer(Found, answer, 'the search').data.find((one) => one.id.toLowerCase() === id);
}

function toReading({ table, field, words }: Search, entry: Entry): Reading {
  const given: unknown = entry[field];
  const word = typeof given === 'string' ? (words?.get(given) ?? given) : given;
  const status = decode(t.type({ [field]: statusOf(table) }), { [field]: word });
  if (!status.ok) {
    const { path, expected, found } = status.problem;
    throw new ReadFailure('undecodable', `the search: ${path}: expected ${expected}, found ${found}`);
  }
  return { kind: 'object', status: status.value[field] ?? '', executions: [], quantityExecuted: null, reason: null };
}

const Refusal = t.partial({ message: optional(t.string), error: optional(t.string), code: optional(t.string) });

/** Confirming twice is no failure, however it is said. */
function isConfirmedAlready({ statusCode, body }: PartnerAnswer): boolean {
  if (statusCode === 409) return true;
  const json = parseJson(body);
  const refusal = json.ok ? decode(Refusal, json.value) : json;
  if (!refusal.ok) return false;
  const { message, error, code } = refusal.value;
  return [message, error, code].some((text) => /already[ _.-]?(been[ _.-]?)?confirmed/i.test(text ?? ''));
}

/** One of the whole process: its chain of tokens cannot be shared. */
const OWNER = 'client';

/** Reads Bitpanda with a chain of single-use refresh tokens of its own. */
export function createBitpandaReader(options: BitpandaClientOptions): BitpandaReader {
  const tokens = createTokenCache();
  const paths = { ...DEFAULT_PATHS, ...options.paths };
  const nextToken = createTokenChain(options);
  const call = async (
    method: 'GET' | 'PATCH',
    path: string,
    userId: string | null,
    signal: AbortSignal,
  ): Promise<PartnerAnswer> => {
    const token = await tokens.token(OWNER, nextToken, signal);
    const headers = { authorization: `Bearer ${token}`, ...(userId === null ? {} : { 'bp-user-id': userId }) };
    const answer = await callPartner({ method, url: `${options.apiUrl}${path}`, headers, signal });
    if (answer.statusCode === 401) tokens.drop(OWNER, token);
    return answer;
  };
  /** A token may have been revoked before its time: once more with a new one. */
  const ask = async (method: 'GET' | 'PATCH', path: string, userId: string | null): Promise<PartnerAnswer> => {
    const signal = AbortSignal.timeout(options.timeoutMs);
    const answer = await call(method, path, userId, signal);
    return answer.statusCode === 401 ? call(method, path, userId, signal) : answer;
  };
  /** The answer of the first of an object's paths that is there; the last one's 404 where none is. */
  const askFirst = async (
    method: 'GET' | 'PATCH',
    [path = '', ...others]: readonly string[],
    userId: string | null,
  ): Promise<PartnerAnswer> => {
    const answer = await ask(method, path, userId);
    return answer.statusCode === 404 && others.length > 0 ? askFirst(method, others, userId) : answer;
  };
  const get = (path: string): Promise<PartnerAnswer> => ask('GET', path, null);
  return {
    async read({ object, id }: SubjectKey, { userId }, hear) {
      const search = SEARCHES[object];
      if (search === undefined) throw new Error(`Bitpanda has no ${object} that could be read`);
      const asked = pathsFor(paths[object] ?? [], id);
      if (asked.length === 0) return { kind: 'absent' };
      const answer = await askFirst('GET', asked, userId ?? null);
      const entry = answer.statusCode === 404 ? undefined : entryOf(id, answer);
      if (entry === undefined) return { kind: 'absent' };
      // The others of the answer are no business of this subject.
      hear?.({ body: Buffer.from(writeJson(entry)), ...besideState(object, entry) });
      return toReading(search, entry);
    },
    async confirmRecurrence(transactionId, userId) {
      const answer = await askFirst('PATCH', pathsFor(paths.confirmation ?? [], transactionId), userId);
      if (answer.statusCode >= 200 && answer.statusCode < 300) return 'confirmed';
      if (isConfirmedAlready(answer)) return 'confirmed';
      if (answer.statusCode >= 500 || answer.statusCode === 401 || answer.statusCode === 429) {
        throw failureOfAnswer(answer, 'the confirmation');
      }
      return 'not confirmed';
    },
    async readEvents(from, to) {
      const list = { get, templates: paths.events ?? [], entry: ListedEvent, what: 'the events' };
      const { entries, ...rest } = await entriesOf(list, { from, to });
      return { events: entries, ...rest };
    },
    readObjects: (window) => objectsOf((list) => ({ get, templates: paths[list] ?? [] }), window),
  };
}
