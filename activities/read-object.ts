import { activityInfo, heartbeat } from '@temporalio/activity';
import type { Kysely } from 'kysely';

import type { LifecycleTable } from '../src/domain/lifecycles/table';
import type { Reading } from '../src/domain/reading';
import type { SubjectWrite, WriteResult } from '../src/domain/subject-write';
import { writable } from '../src/domain/writable';
import type { ObjectAnswer, PartnerReader } from '../src/partners/reading';
import { refusalCode } from '../src/store/database-errors';
import { newestPlace, subjectWaits } from '../src/store/deliveries/backlog';
import type { ReferenceKeys } from '../src/store/flows/details';
import { type KeptReading, saveReading } from '../src/store/flows/readings';
import { recordFlowActions, writeSubject } from '../src/store/flows/subjects';
import type { Tables } from '../src/store/schema/tables';
import type { ReadActivities, ReadAnswer, ReadRequest } from '../workflows/contract';
import { MOST_TRIES, readFailure, storing } from './failures';
import { NOTHING_OF_ITS_OWN, withRelatedObjects } from './related-objects';

interface ReadDependencies extends ReferenceKeys {
  readonly database: Kysely<Tables>;
  readonly reader: PartnerReader;
  /** Lifecycle tables of the reader's partner. */
  readonly lifecycles: readonly LifecycleTable[];
  readonly alertWindowMs: number;
}

/**
 * The activity that reads an object at its partner. It writes what the flow has not written yet, asks the partner, keeps
 * the reading beside the row, and finds out whether deliveries received before still wait for dispatch: then nothing is
 * *missed*. Throws what `readFailure` and `storeFailure` make.
 */
export function createReadActivities(dependencies: ReadDependencies): ReadActivities {
  const { database } = dependencies;
  return {
    readObject: (request) => whileAlive(() => readOnce(request)),
  };

  async function readOnce(request: ReadRequest): Promise<ReadAnswer> {
    const written = await write(dependencies, request.write);
    if (written?.kind === 'conflict') return { write: written, result: null };
    await storing(() => recordFlowActions(database, request.workflowId, request.deeds));
    const asked = new Date();
    const upTo = request.purpose === 'overdue' ? await storing(() => newestPlace(database)) : null;
    const { reading, answer } = await read(dependencies, request);
    const backlog = await storing(async () => {
      const { partner } = request.key;
      await keepReading(dependencies, { workflowId: request.workflowId, partner, reading, askedAt: asked, answer });
      const subject = { ...request.key, workflowId: request.workflowId };
      return upTo !== null && (await subjectWaits(database, subject, upTo));
    });
    return { write: written, result: { reading, backlog } };
  }
}

/** Longer than most reads last: they send nothing. A third of the time after which the server takes one for dead. */
const PULSE_MS = 5_000;

/** The result of a read that shows the server now and then that its worker lives. */
async function whileAlive<T>(read: () => Promise<T>): Promise<T> {
  const pulse = setInterval(() => {
    heartbeat();
  }, PULSE_MS);
  try {
    return await read();
  } finally {
    clearInterval(pulse);
  }
}

/** A reading that no row can hold is left out there: the flow takes it in all the same. */
async function keepReading({ database, ...keys }: ReadDependencies, kept: KeptReading): Promise<void> {
  try {
    await saveReading(database, keys, kept);
  } catch (error) {
    if (refusalCode(error) === null) throw error;
  }
}

async function write(
  { database, alertWindowMs }: ReadDependencies,
  request: SubjectWrite | null,
): Promise<WriteResult | null> {
  return request === null ? null : storing(() => writeSubject(database, request, alertWindowMs));
}

/** The reading goes to the flow; the answer may name a person, and goes past it. */
async function read(
  { database, reader, lifecycles }: ReadDependencies,
  request: ReadRequest,
): Promise<Pick<KeptReading, 'reading' | 'answer'>> {
  const table = lifecycles.find(({ object }) => object === request.key.object);
  const answers: ObjectAnswer[] = [];
  try {
    const isReadable = table?.readsOnlyNamed !== true;
    const own = isReadable
      ? writable(await reader.read(request.key, request.readHints, (one) => answers.push(one)))
      : NOTHING_OF_ITS_OWN;
    // Flow and row take it as it is: a character that no row can hold has to stay outside.
    const answer = answers.at(-1) ?? null;
    const reading = writable(await withRelatedObjects({ database, reader, table }, request, withAmounts(own, answer)));
    return { reading, answer };
  } catch (error) {
    throw readFailure(error, activityInfo().attempt >= MOST_TRIES);
  }
}

/** The reading with the amounts of the answer, which are shown with the flow. */
function withAmounts(reading: Reading, answer: ObjectAnswer | null): Reading {
  const amounts = answer?.details.amounts;
  return reading.kind === 'object' && amounts !== undefined ? { ...reading, amounts } : reading;
}
