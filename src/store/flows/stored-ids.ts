import type { Kysely } from 'kysely';

import { canonicalParts } from '../../domain/canonical-id';
import { shortId } from '../../domain/short-id';
import { keyStoredAs, type SubjectKey, wholeWorkflowIdOf, workflowIdOf } from '../../domain/subject-key';
import type { Tables } from '../schema/tables';

/**
 * Keys under which subjects are stored: one that was stored before long workflow ids were made shorter keeps its whole
 * id. Whoever looks for a subject by a key asks here first; keys of which none is long cost no query.
 */
export async function storedKeys(
  database: Kysely<Tables>,
  keys: readonly SubjectKey[],
): Promise<(key: SubjectKey) => SubjectKey> {
  const wholeIds = [...new Set(keys.filter(isShortened).map(wholeWorkflowIdOf))];
  if (wholeIds.length === 0) return (key) => key;
  const rows = await database
    .selectFrom('subjects')
    .select('workflow_id')
    .where('workflow_id', 'in', wholeIds)
    .execute();
  const stored = new Set(rows.map(({ workflow_id }) => workflow_id));
  return (key) => (stored.has(wholeWorkflowIdOf(key)) ? keyStoredAs(key, wholeWorkflowIdOf(key)) : key);
}

function isShortened(key: SubjectKey): boolean {
  return workflowIdOf(key) !== wholeWorkflowIdOf(key);
}

/** Workflow id under which the flow that an operator names is stored, by its id in full or as shortened. */
export async function storedIdOf(database: Kysely<Tables>, requestedId: string): Promise<string> {
  const canonical = canonicalParts(requestedId);
  const short = shortId(canonical);
  // PostgreSQL refuses a text with a NUL; no workflow id holds one.
  if (short === canonical || canonical.includes('\0')) return canonical;
  const row = await database
    .selectFrom('subjects')
    .select('workflow_id')
    .where('workflow_id', '=', canonical)
    .executeTakeFirst();
  return row === undefined ? short : canonical;
}
