import { type Kysely, type RawBuilder, sql } from 'kysely';

import type { Partner } from '../../domain/partner';
import type { Tables } from '../schema/tables';

/** Person by the id that partners give: a pseudonym, which stays. */
export interface Person {
  /** The id as it was asked for, and as the store holds it. */
  readonly userIds: readonly string[];
  /** Partners whose user it is; one id may be of one of them alone. */
  readonly partners: readonly Partner[];
}

/** Place of something of a person: a subject by its workflow id, or a delivery by its own id. */
export type PersonalPlace =
  { readonly kind: 'subject'; readonly id: string } | { readonly kind: 'delivery'; readonly id: string };

const PAGE_ROWS = 500;

/**
 * All places of a person, in pages; a place may come twice. Found by the user's id that dispatch writes with what it
 * decodes, by movements, and by the objects that are the person.
 */
export async function eachPlace(
  database: Kysely<Tables>,
  person: Person,
  onPage: (page: readonly PersonalPlace[]) => Promise<void>,
): Promise<void> {
  await onPage(await ownSubjects(database, person));
  for (let after: string | null = ''; after !== null;) {
    const page: readonly PersonalPlace[] = await subjectsAfter(database, person, after);
    await onPage(page);
    after = page.at(-1)?.id ?? null;
  }
  for (let after: string | null = '0'; after !== null;) {
    const page: MovedPage = await movedAfter(database, person, after);
    await onPage(page.places);
    after = page.last;
  }
}

function isOfPartners(column: RawBuilder<unknown>, { partners }: Person): RawBuilder<boolean> {
  return sql<boolean>`${column} = ANY (${[...partners]}::text[])`;
}

/** Subjects that are the person: a customer, a user, an identification of one. */
async function ownSubjects(database: Kysely<Tables>, person: Person): Promise<readonly PersonalPlace[]> {
  const { rows } = await sql<{ id: string }>`
    SELECT workflow_id AS id FROM subjects
    WHERE object_id COLLATE "C" = ANY (${[...person.userIds]}::text[]) AND lifecycle = 'onboarding'
      AND ${isOfPartners(sql.ref('partner'), person)}`.execute(database);
  return rows.map(({ id }) => ({ kind: 'subject', id }));
}

async function subjectsAfter(
  database: Kysely<Tables>,
  person: Person,
  after: string,
): Promise<readonly PersonalPlace[]> {
  const { rows } = await sql<{ id: string }>`
    SELECT workflow_id AS id FROM subject_details
    WHERE user_id = ANY (${[...person.userIds]}::text[]) AND ${isOfPartners(sql.ref('partner'), person)} AND workflow_id > ${after}
    ORDER BY workflow_id LIMIT ${PAGE_ROWS}`.execute(database);
  return rows.map(({ id }) => ({ kind: 'subject', id }));
}

interface MovedPage {
  readonly places: readonly PersonalPlace[];
  /** Position of the last movement; null where there is no further one. */
  readonly last: string | null;
}

async function movedAfter(database: Kysely<Tables>, person: Person, after: string): Promise<MovedPage> {
  const { rows } = await sql<{ position: string; deliveryId: string; workflowId: string | null }>`
    SELECT m.position, m.delivery_id AS "deliveryId", d.workflow_id AS "workflowId"
    FROM movements m LEFT JOIN deliveries d ON d.id = m.delivery_id
    WHERE ${isOfPartners(sql.ref('m.partner'), person)} AND m.user_id = ANY (${[...person.userIds]}::text[]) AND m.position > ${after}::bigint
      AND m.delivery_id IS NOT NULL
    ORDER BY m.position LIMIT ${PAGE_ROWS}`.execute(database);
  const places = rows.map(({ deliveryId, workflowId }): PersonalPlace =>
    workflowId === null ? { kind: 'delivery', id: deliveryId } : { kind: 'subject', id: workflowId },
  );
  return { places, last: rows.at(-1)?.position ?? null };
}
