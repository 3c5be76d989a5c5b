import type { Kysely } from 'kysely';

import type { LifecycleTable } from '../src/domain/lifecycles/table';
import { hasEnded, relatedKey } from '../src/domain/lifecycles/states/related-objects';
import { workflowIdOf } from '../src/domain/subject-key';
import type { Reading } from '../src/domain/reading';
import { type PartnerReader, ReadFailure } from '../src/partners/reading';
import { loadSubjects } from '../src/store/flows/subjects';
import type { Tables } from '../src/store/schema/tables';
import type { ReadRequest } from '../workflows/contract';

/** Resources for reading related objects; the table is that of the object which names them. */
interface RelatedDependencies {
  readonly database: Kysely<Tables>;
  readonly reader: PartnerReader;
  readonly table: LifecycleTable | undefined;
}

type ObjectReading = Extract<Reading, { kind: 'object' }>;

/** So many objects are read beside one; the rest is looked at the next time. */
const MOST_READS = 20;

/** Reading of an object that has no read of its own, only related objects. */
export const NOTHING_OF_ITS_OWN: ObjectReading = {
  kind: 'object',
  status: '',
  executions: [],
  quantityExecuted: null,
  reason: null,
};

/** As many as are read at once, beginning anywhere: else those that can never be read keep all others from their turn. */
function turnOf(words: readonly string[]): readonly string[] {
  if (words.length <= MOST_READS) return words;
  const start = Math.floor(Math.random() * words.length);
  return [...words.slice(start), ...words.slice(0, start)].slice(0, MOST_READS);
}

async function storedStates(
  database: Kysely<Tables>,
  request: ReadRequest,
  words: readonly string[],
): Promise<ReadonlyMap<string, string | null>> {
  const ids = words.map((word) => workflowIdOf(relatedKey(request.key.partner, word)));
  const stored = await loadSubjects(database, ids);
  return new Map(words.map((word, index) => [word, stored.get(ids[index] ?? '')?.subject.state ?? null]));
}

/**
 * The states that reading shows; one that could not be read keeps what is known. A partner that hangs once is asked no
 * more: hanging on each of many, it would outlast the activity, whose tries would then never be counted. Throws where
 * nothing was answered.
 */
async function readStates(
  reader: PartnerReader,
  request: ReadRequest,
  words: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const states = new Map<string, string>();
  let answers = 0;
  let first: ReadFailure | null = null;
  for (const word of words) {
    try {
      const reading = await reader.read(relatedKey(request.key.partner, word), {});
      answers += 1;
      if (reading.kind === 'object') states.set(word, reading.status);
    } catch (error) {
      if (!(error instanceof ReadFailure)) throw error;
      first ??= error;
      if (error.failureCause === 'timeout') break;
    }
  }
  if (first !== null && answers === 0) throw first;
  return states;
}

/**
 * Looks at the objects that a reading or its notification names: what our own rows already know as ended is believed;
 * the others are read at the partner once the wait for their own webhooks is over.
 */
export async function withRelatedObjects(
  { database, reader, table }: RelatedDependencies,
  request: ReadRequest,
  reading: Reading,
): Promise<Reading> {
  if (reading.kind !== 'object') return reading;
  const words = [...new Set([...Object.keys(reading.named ?? {}), ...(request.named ?? [])])];
  if (words.length === 0) return reading;
  const readsOnlyNamed = table?.readsOnlyNamed === true;
  const stored = readsOnlyNamed ? new Map<string, string | null>() : await storedStates(database, request, words);
  const unknown = words.filter((word) => table === undefined || !hasEnded(table, word, stored.get(word) ?? null));
  const isTime = readsOnlyNamed || request.purpose !== 'record';
  const read = isTime ? await readStates(reader, request, turnOf(unknown)) : new Map<string, string>();
  const named = Object.fromEntries(words.map((word) => [word, read.get(word) ?? stored.get(word) ?? null]));
  return { ...reading, named };
}
