import { type Kysely, sql, type Transaction } from 'kysely';

import type { Partner } from '../../domain/partner';
import type { CorporateActionKey } from '../corporate-actions/load';
import { recordAction } from '../audit';
import type { Tables } from '../schema/tables';

/** Line of an import: holding of a user at a moment. */
export interface OpeningLine {
  /** Number of the line in the file. */
  readonly line: number;
  readonly partner: Partner;
  readonly userId: string;
  readonly instrument: string;
  /** Plain decimal; 0 is a known zero. */
  readonly amount: string;
  /** ISO 8601 with its offset. */
  readonly asOf: string;
}

/** Line whose amount differs from that of an earlier line, or from that of an earlier import. */
export interface OpeningConflict {
  readonly line: number;
  /** Number of the earlier line; null where the other amount was imported before. */
  readonly otherLine: number | null;
  readonly expected: string;
  readonly found: string;
}

/** Result of an import. */
export interface OpeningImport {
  readonly lines: number;
  /** Number of new lines; every other one was known already, or repeated an earlier line of the file. */
  readonly fresh: number;
  /** Corporate actions whose sets rest on the imported lines. */
  readonly affected: readonly CorporateActionKey[];
}

/** Source of the lines, and the listener for conflicts among them. */
export interface OpeningSource {
  /** Name of whoever imports. */
  readonly by: string;
  readonly batches: AsyncIterable<readonly OpeningLine[]>;
  /** False once a line could not be read: nothing is imported then, and the remaining lines are still checked. */
  isSound(): boolean;
  onConflicts(conflicts: readonly OpeningConflict[]): void;
}

/** Error that rolls the transaction back. */
class NothingImported extends Error {}

/**
 * Import of holdings at a moment, all lines or none, in one transaction: an interrupted import has imported nothing.
 * A repetition changes nothing; another amount under the same partner, user, instrument and moment is a conflict.
 * Null where a line was bad or in conflict.
 */
export async function importOpenings(database: Kysely<Tables>, source: OpeningSource): Promise<OpeningImport | null> {
  try {
    return await database.transaction().execute((transaction) => importWithin(transaction, source));
  } catch (error) {
    if (error instanceof NothingImported) return null;
    throw error;
  }
}

async function importWithin(transaction: Transaction<Tables>, source: OpeningSource): Promise<OpeningImport> {
  await createTables(transaction);
  let lines = 0;
  for await (const batch of source.batches) {
    await addLines(transaction, batch);
    lines += batch.length;
  }
  const isContradicted = await reportConflicts(transaction, source);
  if (isContradicted || !source.isSound()) throw new NothingImported();
  const { numAffectedRows } = await sql`
    INSERT INTO openings (partner, user_id, instrument, amount, as_of)
    SELECT partner, user_id, instrument, amount, as_of FROM opening_lines
    ON CONFLICT DO NOTHING`.execute(transaction);
  const fresh = Number(numAffectedRows ?? 0n);
  if (fresh > 0) {
    const details = { lines, fresh };
    await recordAction(transaction, { by: source.by, action: 'import', target: 'positions', reason: null, details });
  }
  return { lines, fresh, affected: await affectedActions(transaction) };
}

async function createTables(transaction: Transaction<Tables>): Promise<void> {
  await sql`
    CREATE TEMPORARY TABLE opening_lines (line bigint NOT NULL, partner text NOT NULL, user_id text NOT NULL,
      instrument text NOT NULL, amount numeric NOT NULL, as_of timestamptz NOT NULL) ON COMMIT DROP`.execute(
    transaction,
  );
  // A million keys are compared with each other: with less memory that is done on disk, several times over.
  await sql`SET LOCAL work_mem = '64MB'`.execute(transaction);
}

async function addLines(transaction: Transaction<Tables>, lines: readonly OpeningLine[]): Promise<void> {
  await sql`
    INSERT INTO opening_lines SELECT * FROM unnest(${lines.map(({ line }) => line)}::bigint[],
      ${lines.map(({ partner }) => partner)}::text[], ${lines.map(({ userId }) => userId)}::text[],
      ${lines.map(({ instrument }) => instrument)}::text[], ${lines.map(({ amount }) => amount)}::numeric[],
      ${lines.map(({ asOf }) => asOf)}::timestamptz[])`.execute(transaction);
}

const CONFLICTS_AT_ONCE = 5_000;

interface ConflictRow extends Pick<OpeningConflict, 'expected' | 'found'> {
  readonly line: string;
  readonly otherLine: string | null;
}

/** True where there was any conflict. All are reported to the source, a bounded number at a time. */
async function reportConflicts(transaction: Transaction<Tables>, source: OpeningSource): Promise<boolean> {
  await findConflicts(transaction);
  let behind = '0';
  for (;;) {
    const { rows } = await sql<ConflictRow>`
      SELECT line, "otherLine", trim_scale(expected)::text AS expected, trim_scale(found)::text AS found
      FROM opening_conflicts WHERE line > ${behind} ORDER BY line LIMIT ${CONFLICTS_AT_ONCE}`.execute(transaction);
    const last = rows.at(-1);
    if (last === undefined) return behind !== '0';
    source.onConflicts(
      rows.map(({ line, otherLine, expected, found }) => ({
        line: Number(line),
        otherLine: otherLine === null ? null : Number(otherLine),
        expected,
        found,
      })),
    );
    behind = last.line;
  }
}

/**
 * Temporary table of contradicting lines. No other import may write meanwhile, or two could each be right by
 * themselves.
 */
async function findConflicts(transaction: Transaction<Tables>): Promise<void> {
  await sql`LOCK TABLE openings IN SHARE ROW EXCLUSIVE MODE`.execute(transaction);
  await sql`ANALYZE opening_lines`.execute(transaction);
  await sql`
    CREATE TEMPORARY TABLE opening_conflicts ON COMMIT DROP AS
    SELECT DISTINCT ON (line) line, "otherLine", expected, found FROM (
      SELECT input.line, first.line AS "otherLine", first.amount AS expected, input.amount AS found
      FROM (
        SELECT partner, user_id, instrument, as_of, min(line) AS line FROM opening_lines
        GROUP BY partner, user_id, instrument, as_of HAVING min(amount) <> max(amount)
      ) AS disputed
        JOIN opening_lines first USING (partner, user_id, instrument, as_of, line)
        JOIN opening_lines input USING (partner, user_id, instrument, as_of)
      WHERE input.amount <> first.amount
      UNION ALL
      SELECT input.line, NULL, known.amount, input.amount
      FROM opening_lines input JOIN openings known USING (partner, user_id, instrument, as_of)
      WHERE input.amount <> known.amount
    ) AS conflicts ORDER BY line, "otherLine"`.execute(transaction);
}

/**
 * Corporate actions whose holders' earlier holdings may have changed: those that take away an imported instrument,
 * under either of its names, and those of the imported users whose old instrument is not known yet. Lines that were
 * known before count too, because an import that was interrupted while judging is repeated.
 */
async function affectedActions(transaction: Transaction<Tables>): Promise<readonly CorporateActionKey[]> {
  const { rows } = await sql<CorporateActionKey>`
    WITH imported AS (
      SELECT DISTINCT l.partner, coalesce(a.uuid_instrument, l.instrument) AS instrument
      FROM opening_lines l LEFT JOIN aliases a ON a.partner = l.partner AND a.integer_instrument = l.instrument
    )
    SELECT c.partner, c.id FROM corporate_actions c
      LEFT JOIN aliases a ON a.partner = c.partner AND a.integer_instrument = c.old_instrument
      JOIN imported ON imported.partner = c.partner
        AND imported.instrument = coalesce(a.uuid_instrument, c.old_instrument)
    UNION
    SELECT c.partner, c.id FROM corporate_actions c
      JOIN transaction_sets s ON s.partner = c.partner AND s.corporate_action_id = c.id
    WHERE c.old_instrument IS NULL
      AND EXISTS (SELECT FROM opening_lines l WHERE l.partner = s.partner AND l.user_id = s.user_id)
    ORDER BY partner, id`.execute(transaction);
  return rows;
}
