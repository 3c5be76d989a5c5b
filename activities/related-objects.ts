import type { Kysely } from 'kysely';

import type { LifecycleTable } from '../src/domain/lifecycles/table';
import { hasEnded, relatedKey } from '../src/domain/lifecycles/states/related-objects';
import type { Reading } from '../src/domain/reading';
import type { ReadPurpose } from '../src/domain/subject';
import { workflowIdOf } from '../src/domain/subject-key';
import { type PartnerReader, ReadFailure } from '../src/partners/reading';
import { storedKeys } from '../src/store/flows/stored-ids';
import { loadSubjects } from '../src/store/flows/subjects';
import type { Tables } from '../src/store/schema/tables';
import type { ReadRequest } from '../workflows/contract';

/** The things that reading related objects needs; the table is that of the object which names them. */
interface RelatedDependencies {
  readonly database: Kysely<Tables>;
  readonly reader: PartnerReader;
  readonly table: LifecycleTable | undefined;
}

type ObjectReading = Extract<Reading, { kind: 'object' }>;

/** The reading of a subject that is read by its related objects alone. */
export const NOTHING_OF_ITS_OWN: ObjectReading = {
  kind: 'object',
  status: '',
  executions: [],
  quantityExecuted: null,
  reason: null,
};

/**
 * The reading with the states of its related objects, which it or its notification names. What our own rows know as
 * ended is believed; the others are read at the partner once the wait for their own webhooks is over. Throws
 * `ReadFailure` where the partner answered nothing.
 */
export async function withRelatedObjects(
  { database, reader, table }: RelatedDependencies,
  request: ReadRequest,
  reading: Reading,
): Promise<Reading> {
  if (reading.kind !== 'object') return reading;
  const names = [...new Set([...Object.keys(reading.named ?? {}), ...(request.named ?? [])])];
  if (names.length === 0) return reading;
  const readsOnlyNamed = table?.readsOnlyNamed === true;
  const stored = readsOnlyNamed ? new Map<string, string | null>() : await storedStates(database, request, names);
  const unknown = names.filter((name) => table === undefined || !hasEnded(table, name, stored.get(name) ?? null));
  const isTime = readsOnlyNamed || !EARLY.includes(request.purpose);
  const read = isTime ? await readStates(reader, request, nextOf(unknown)) : new Map<string, string>();
  const named = Object.fromEntries(names.map((name) => [name, read.get(name) ?? stored.get(name) ?? null]));
  return { ...reading, named };
}

/** Purposes of reads that come before the wait for the webhooks of related objects. */
const EARLY: readonly ReadPurpose[] = ['record', 'first'];

async function storedStates(
  database: Kysely<Tables>,
  request: ReadRequest,
  names: readonly string[],
): Promise<ReadonlyMap<string, string | null>> {
  const keys = names.map((name) => relatedKey(request.key.partner, name));
  const ids = keys.map(await storedKeys(database, keys)).map(workflowIdOf);
  const stored = await loadSubjects(database, ids);
  return new Map(names.map((name, index) => [name, stored.get(ids[index] ?? '')?.subject.state ?? null]));
}

/** The most related objects that are read beside one; the others are read the next time. */
const MOST_READS = 20;

/** As many as are read at once, beginning anywhere: else those that can never be read would keep all others from being read. */
function nextOf(names: readonly string[]): readonly string[] {
  if (names.length <= MOST_READS) return names;
  const start = Math.floor(Math.random() * names.length);
  return [...names.slice(start), ...names.slice(0, start)].slice(0, MOST_READS);
}

/**
 * The states that reads show; one that could not be read keeps what is known. A partner that hangs once is asked no
 * more: hanging on each of many, it would outlast the activity, whose tries would then never be counted.
 */
async function readStates(
  reader: PartnerReader,
  request: ReadRequest,
  names: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const states = new Map<string, string>();
  let answers = 0;
  let first: ReadFailure | null = null;
  for (const name of names) {
    try {
      const reading = await reader.read(relatedKey(request.key.partner, name), {});
      answers += 1;
      if (reading.kind === 'object') states.set(name, reading.status);
    } catch (error) {
      if (!(error instanceof ReadFailure)) throw error;
      first ??= error;
      if (error.failureCause === 'timeout') break;
    }
  }
  if (first !== null && answers === 0) throw first;
  return states;
}
