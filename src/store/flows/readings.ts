import { type Kysely, sql } from 'kysely';

import type { SubjectDetails } from '../../domain/details';
import type { Partner } from '../../domain/partner';
import type { Reading } from '../../domain/reading';
import { recordAction } from '../audit';
import { type Encryption, objectBinding } from '../encryption';
import type { Tables } from '../schema/tables';
import { detailsPart, detailsRow, type ReferenceKeys } from './details';
import { storedIdOf } from './stored-ids';

/** Read of an object, with the answer that it was made of. */
export interface KeptReading {
  readonly workflowId: string;
  readonly partner: Partner;
  readonly reading: Reading;
  readonly askedAt: Date;
  /** Null where the partner gave none about the object. */
  readonly answer: { readonly body: Buffer; readonly details: SubjectDetails } | null;
}

/**
 * Result of the last read of an object, written beside its row, with the details of the answer and the whole of it; the
 * row's own state is its flow's to write. One statement.
 */
export async function saveReading(database: Kysely<Tables>, keys: ReferenceKeys, kept: KeptReading): Promise<void> {
  const { workflowId, reading, askedAt, answer } = kept;
  const last = JSON.stringify({ at: askedAt.toISOString(), reading });
  const updated = sql`UPDATE subjects SET last_reading = ${last} WHERE workflow_id = ${workflowId}`;
  if (answer === null) await updated.execute(database);
  else await sql`WITH subject AS (${updated}) ${answerPart(keys, kept, answer)}`.execute(database);
}

function answerPart(keys: ReferenceKeys, kept: KeptReading, answer: NonNullable<KeptReading['answer']>) {
  const { workflowId, partner, askedAt } = kept;
  const { bytes, keyName } = keys.encryption.encrypt(answer.body, objectBinding(workflowId));
  const row = detailsRow(keys, { workflowId, partner, toldAt: askedAt, details: answer.details });
  return detailsPart([row], {
    names: sql`, object, object_key, object_asked_at, object_read_at`,
    values: sql`, ${bytes}::bytea, ${keyName}::text, told_at, now()`,
    updates: sql`,
      object = CASE WHEN ${IS_NEWER} THEN excluded.object ELSE kept.object END,
      object_key = CASE WHEN ${IS_NEWER} THEN excluded.object_key ELSE kept.object_key END,
      object_asked_at = CASE WHEN ${IS_NEWER} THEN excluded.object_asked_at ELSE kept.object_asked_at END,
      object_read_at = CASE WHEN ${IS_NEWER} THEN excluded.object_read_at ELSE kept.object_read_at END`,
  });
}

const IS_NEWER = sql`kept.object_asked_at IS NULL OR excluded.object_asked_at >= kept.object_asked_at`;

/** Object as its partner showed it at the last read. */
export interface ReadObject {
  readonly workflowId: string;
  readonly askedAt: string;
  readonly readAt: string;
  /** Base64 of the whole answer. */
  readonly bodyBase64: string;
}

/** The answer of the last read of an object for somebody who asked, which is recorded; null where none is kept. */
export async function showReadObject(
  database: Kysely<Tables>,
  encryption: Encryption,
  { workflowId, by }: { readonly workflowId: string; readonly by: string },
): Promise<ReadObject | null> {
  const object = await loadReadObject(database, encryption, workflowId);
  if (object !== null) {
    const action = { by, action: 'show-object', target: object.workflowId, reason: null, details: {} };
    await recordAction(database, action);
  }
  return object;
}

/** The answer of the last read of an object, in clear; null where none is kept. Throws `DecryptionError`. */
async function loadReadObject(
  database: Kysely<Tables>,
  encryption: Encryption,
  requestedId: string,
): Promise<ReadObject | null> {
  const workflowId = await storedIdOf(database, requestedId);
  // PostgreSQL refuses a text with a NUL; no workflow id holds one.
  if (workflowId.includes('\0')) return null;
  const row = await database
    .selectFrom('subject_details')
    .select(['object', 'object_key', 'object_asked_at', 'object_read_at'])
    .where('workflow_id', '=', workflowId)
    .executeTakeFirst();
  const { object: bytes, object_key: keyName, object_asked_at: askedAt, object_read_at: readAt } = row ?? {};
  if (!bytes || !askedAt || !readAt) return null;
  const clear = encryption.decrypt({ bytes, keyName: keyName ?? null }, objectBinding(workflowId));
  return {
    workflowId,
    askedAt: askedAt.toISOString(),
    readAt: readAt.toISOString(),
    bodyBase64: clear.toString('base64'),
  };
}
