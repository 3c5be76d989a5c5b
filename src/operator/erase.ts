import { type Kysely, sql } from 'kysely';

import { canonicalId } from '../domain/canonical-id';
import type { Partner } from '../domain/partner';
import type { Encryption } from '../store/encryption';
import { erasable, eraseDeliveries } from '../store/erasure/erase-deliveries';
import { erasePaidReferences, eraseSubject } from '../store/erasure/erase-subject';
import { type LeftByErasure, loadLeft } from '../store/erasure/left';
import { eachPlace, type Person, type PersonalPlace } from '../store/erasure/person';
import { type CountPart, type MassItem, runMassWork } from '../store/mass-work';
import type { Tables } from '../store/schema/tables';

/** A request to erase a person. */
export interface ErasureRequest {
  readonly userId: string;
  /** The partner whose user it is; null: all partners. */
  readonly partner: Partner | null;
  readonly reason: string;
  readonly dryRun: boolean;
  readonly by: string;
}

/** The kinds of things that an erasure counts. */
export const ERASED_KINDS = [
  'deliveries',
  'bodies',
  'headers',
  'references',
  'objects',
  'facts',
  'messages',
  'payments',
] as const;

/** The report of an erasure. */
export interface ErasureReport {
  readonly dryRun: boolean;
  readonly userId: string;
  /** The number of subjects that are of the person. */
  readonly subjects: number;
  /** Numbers of what was erased, by its kind; of a dry run the deliveries that would be. */
  readonly erased: Readonly<Record<(typeof ERASED_KINDS)[number], number>>;
  readonly left: LeftByErasure;
}

/** Resources for erasing a person. */
export interface ErasureDependencies {
  readonly database: Kysely<Tables>;
  readonly encryption: Encryption;
  /** All partners. */
  readonly partners: readonly Partner[];
  readonly onProgress?: (words: string) => void;
}

/**
 * Erasure of a person: bodies, personal headers, read objects, data of messages, references, reasons and facts. States,
 * amounts and ids of partners stay, among them the user's, as a pseudonym. It may be stopped anywhere, and the same request
 * goes on with what is left. Throws `DecryptionError` where headers cannot be decrypted.
 */
export async function erasePerson(dependencies: ErasureDependencies, request: ErasureRequest): Promise<ErasureReport> {
  const { database, partners } = dependencies;
  const userIds = [...new Set([request.userId, canonicalId(request.userId)])];
  const person: Person = { userIds, partners: request.partner === null ? partners : [request.partner] };
  const { places, workflowIds } = await placesOf(database, person);
  const erased = request.dryRun
    ? { ...NOTHING, deliveries: await countDeliveries(database, places) }
    : await eraseAll(dependencies, person, request);
  return {
    dryRun: request.dryRun,
    userId: request.userId,
    subjects: workflowIds.length,
    erased,
    left: await loadLeft(database, person, workflowIds),
  };
}

const NOTHING: ErasureReport['erased'] = {
  ...{ deliveries: 0, bodies: 0, headers: 0, references: 0 },
  ...{ objects: 0, facts: 0, messages: 0, payments: 0 },
};

async function placesOf(database: Kysely<Tables>, person: Person) {
  const places = new Map<string, PersonalPlace>();
  await eachPlace(database, person, async (page) => {
    for (const place of page) places.set(itemOf(place), place);
    await Promise.resolve();
  });
  const workflowIds = [...places.values()].flatMap(({ kind, id }) => (kind === 'subject' ? [id] : []));
  return { places: [...places.values()], workflowIds };
}

async function countDeliveries(database: Kysely<Tables>, places: readonly PersonalPlace[]): Promise<number> {
  let count = 0;
  for (const place of places) {
    const { rows } = await sql<{ count: number }>`
      SELECT count(*)::int AS count FROM deliveries d WHERE ${erasable(place)}
        AND NOT EXISTS (SELECT FROM erased_deliveries e WHERE e.id = d.id)`.execute(database);
    count += rows[0]?.count ?? 0;
  }
  return count;
}

/** The item of what is kept of the person beside subjects and deliveries. */
const PAYMENTS = 'payments';

async function eraseAll(
  { database, encryption, onProgress = () => undefined }: ErasureDependencies,
  person: Person,
  { by, userId, partner, reason }: ErasureRequest,
): Promise<ErasureReport['erased']> {
  const target = `${partner ?? 'every partner'}:${canonicalId(userId)}`;
  const results = await runMassWork(
    database,
    { kind: 'erase', scope: target, by },
    {
      list: async (add) => {
        await add([{ item: PAYMENTS }]);
        await eachPlace(database, person, (page) => add(page.map((place) => ({ item: itemOf(place) }))));
      },
      pageItems: 10,
      workOn: async (items, count) => {
        for (const item of items) await eraseItem({ database, encryption, person, count }, item);
        return {};
      },
      onProgress,
      onContinued: onProgress,
      // An erasure that found nothing is an answer to somebody's request all the same.
      actionOf: (done) => ({ action: 'erase', target, reason, details: { ...done } }),
    },
  );
  return { ...NOTHING, ...results };
}

function itemOf({ kind, id }: PersonalPlace): string {
  return `${kind} ${id}`;
}

function placeOf({ item }: MassItem): PersonalPlace {
  const [kind = '', ...id] = item.split(' ');
  return { kind: kind === 'delivery' ? 'delivery' : 'subject', id: id.join(' ') };
}

interface ItemParts {
  readonly database: Kysely<Tables>;
  readonly encryption: Encryption;
  readonly person: Person;
  readonly count: CountPart;
}

/** Each part is counted with its commit: a process that is killed leaves none uncounted, and none is counted twice. */
async function eraseItem({ database, encryption, person, count }: ItemParts, item: MassItem): Promise<void> {
  if (item.item === PAYMENTS) {
    return database.transaction().execute(async (transaction) => {
      await count(transaction, { payments: await erasePaidReferences(transaction, person) });
    });
  }
  const place = placeOf(item);
  await eraseDeliveries({ database, encryption, count }, place);
  if (place.kind === 'delivery') return;
  await database.transaction().execute(async (transaction) => {
    await count(transaction, { ...(await eraseSubject(transaction, place.id)) });
  });
}
