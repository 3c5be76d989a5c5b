import { type Kysely, sql, type Transaction } from 'kysely';

import type { Partner } from '../../domain/partner';
import type { CorporateActionKey } from '../corporate-actions/load';
import { recordAction } from '../audit';
import { JUDGE_ANEW, noteNews } from '../corporate-actions/news';
import { giveWords, type Word } from './complete-through';
import { importLines, type LineSource } from './line-import';
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

/** Result of an import. */
export interface OpeningImport {
  readonly lines: number;
  /** Number of new lines; every other one was known already, or repeated an earlier line of the file. */
  readonly fresh: number;
  /** Our word on each partner of the lines; empty where none was given. */
  readonly words: readonly Word[];
  /** Corporate actions whose sets rest on the imported lines. */
  readonly affected: readonly CorporateActionKey[];
}

/**
 * Import of holdings at a moment, all lines or none. A repetition changes nothing; another amount under the same partner,
 * user, instrument and moment is a conflict. `through` is our word for each partner of the lines; null for none. Null
 * where a line was bad or in conflict.
 */
export async function importOpenings(
  database: Kysely<Tables>,
  source: LineSource<OpeningLine>,
  through: string | null = null,
): Promise<OpeningImport | null> {
  return importLines(database, source, {
    createTables,
    addLines,
    findConflicts,
    finish: async (transaction, lines) => {
      const fresh = await insertLines(transaction);
      if (fresh > 0) {
        const details = { lines, fresh };
        await recordAction(transaction, {
          by: source.by,
          action: 'import',
          target: 'positions',
          reason: null,
          details,
        });
      }
      const given = await giveWords(transaction, 'opening_lines', through, source.by);
      await noteNews(
        transaction,
        given.flatMap(({ reached }) => reached),
        JUDGE_ANEW,
      );
      const words = given.map(({ word }) => word);
      return { lines, fresh, words, affected: await affectedActions(transaction) };
    },
  });
}

async function createTables(transaction: Transaction<Tables>): Promise<void> {
  await sql`
    CREATE TEMPORARY TABLE opening_lines (line bigint NOT NULL, partner text NOT NULL, user_id text NOT NULL,
      instrument text NOT NULL, amount numeric NOT NULL, as_of timestamptz NOT NULL) ON COMMIT DROP`.execute(
    transaction,
  );
}

async function addLines(transaction: Transaction<Tables>, lines: readonly OpeningLine[]): Promise<void> {
  await sql`
    INSERT INTO opening_lines SELECT * FROM unnest(${lines.map(({ line }) => line)}::bigint[],
      ${lines.map(({ partner }) => partner)}::text[], ${lines.map(({ userId }) => userId)}::text[],
      ${lines.map(({ instrument }) => instrument)}::text[], ${lines.map(({ amount }) => amount)}::numeric[],
      ${lines.map(({ asOf }) => asOf)}::timestamptz[])`.execute(transaction);
}

/**
 * Contradicting lines. No other import may write meanwhile, or two could each be right by
 * themselves.
 */
async function findConflicts(transaction: Transaction<Tables>): Promise<void> {
  await sql`LOCK TABLE openings IN SHARE ROW EXCLUSIVE MODE`.execute(transaction);
  await sql`ANALYZE opening_lines`.execute(transaction);
  await sql`
    INSERT INTO import_conflicts
    SELECT DISTINCT ON (line) line, "otherLine", 'amount', trim_scale(expected)::text, trim_scale(found)::text FROM (
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

/** Number of new lines. */
async function insertLines(transaction: Transaction<Tables>): Promise<number> {
  const { numAffectedRows } = await sql`
    INSERT INTO openings (partner, user_id, instrument, amount, as_of)
    SELECT partner, user_id, instrument, amount, as_of FROM opening_lines
    ON CONFLICT DO NOTHING`.execute(transaction);
  return Number(numAffectedRows ?? 0n);
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
