import { type Kysely, sql } from 'kysely';

import { DecryptionError, type Encryption } from '../encryption';
import { clearBody, keptBody } from '../outbox/kept-body';
import type { Tables } from '../schema/tables';

const BATCH_ROWS = 500;

/**
 * Re-encryption with the newest key of the data of messages, and of their bodies in the outbox; the number of rows. What
 * cannot be decrypted is reported and left unchanged. It may be stopped anywhere.
 */
export async function reEncryptMessages(
  database: Kysely<Tables>,
  encryption: Encryption,
  onClosed: (problem: DecryptionError) => void,
): Promise<number> {
  let done = 0;
  for (const part of PARTS) {
    for (let after: string | null = '0'; after !== null;) {
      const page = await reEncryptPage(database, encryption, part, after, onClosed);
      done += page.done;
      after = page.last;
    }
  }
  return done;
}

/** Column that holds encrypted texts of messages, and the one by which its rows are gone through. */
const PARTS = [
  { table: 'messages', place: 'sequence', column: 'data', type: 'json', where: 'data IS NOT NULL' },
  // Alerts, and what 0.2.0 wrote, are kept in clear.
  { table: 'outbox', place: 'position', column: 'body', type: 'text', where: "target = 'messages'" },
] as const;

type Part = (typeof PARTS)[number];

interface Row {
  readonly place: string;
  readonly id: string;
  readonly text: string;
}

async function reEncryptPage(
  database: Kysely<Tables>,
  encryption: Encryption,
  { table, place, column, type, where }: Part,
  after: string,
  onClosed: (problem: DecryptionError) => void,
): Promise<{ readonly done: number; readonly last: string | null }> {
  const { rows } = await sql<Row>`
    SELECT ${sql.ref(place)}::text AS place, id, ${sql.ref(column)}::text AS text FROM ${sql.table(table)}
    WHERE ${sql.ref(place)} > ${after}::bigint AND ${sql.raw(where)}
    ORDER BY ${sql.ref(place)} LIMIT ${BATCH_ROWS}`.execute(database);
  const changed = rows.flatMap((row) => reEncrypted(encryption, row, onClosed));
  // Only where it is still what was read: an erasure in between stays one.
  if (changed.length > 0)
    await sql`
      UPDATE ${sql.table(table)} AS kept SET ${sql.ref(column)} = input.text::${sql.raw(type)}
      FROM unnest(${changed.map((one) => one.place)}::bigint[], ${changed.map(({ before }) => before)}::text[],
        ${changed.map(({ text }) => text)}::text[]) AS input (place, before, text)
      WHERE kept.${sql.ref(place)} = input.place AND kept.${sql.ref(column)}::text = input.before`.execute(database);
  return { done: changed.length, last: rows.length < BATCH_ROWS ? null : (rows.at(-1)?.place ?? null) };
}

/** Text under the newest key; nothing where it is under it already. */
function reEncrypted(encryption: Encryption, { place, id, text }: Row, onClosed: (problem: DecryptionError) => void) {
  const { newest } = encryption;
  if (newest === null || text.startsWith(`{"keyName":${JSON.stringify(newest)}`)) return [];
  try {
    return [{ place, before: text, text: keptBody(encryption, clearBody(encryption, text, id), id) }];
  } catch (error) {
    if (!(error instanceof DecryptionError)) throw error;
    onClosed(error);
    return [];
  }
}
