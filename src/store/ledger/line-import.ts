import { type Kysely, sql, type Transaction } from 'kysely';

import type { Tables } from '../schema/tables';

/** Line that says another thing under the same key than an earlier line, or than an earlier import. */
export interface LineConflict {
  readonly line: number;
  /** Number of the earlier line; null where the other thing was told before. */
  readonly otherLine: number | null;
  readonly field: string;
  readonly expected: string;
  readonly found: string;
}

/** Source of the lines of an import, and the listener for conflicts among them. */
export interface LineSource<Line> {
  /** Name of whoever imports. */
  readonly by: string;
  readonly batches: AsyncIterable<readonly Line[]>;
  /** False once a line could not be read: nothing is imported then, and the remaining lines are still checked. */
  isSound(): boolean;
  onConflicts(conflicts: readonly LineConflict[]): void;
}

/** Steps of an import in their order, all within one transaction. */
export interface ImportSteps<Line, Result> {
  createTables(transaction: Transaction<Tables>): Promise<void>;
  addLines(transaction: Transaction<Tables>, lines: readonly Line[]): Promise<void>;
  /** Fills the temporary table `import_conflicts`. */
  findConflicts(transaction: Transaction<Tables>): Promise<void>;
  finish(transaction: Transaction<Tables>, lines: number): Promise<Result>;
}

/** Error that rolls the transaction back. */
class NothingImported extends Error {}

/**
 * Import of lines, all or none, in one transaction: an interrupted import has imported nothing. Null where a line was bad
 * or in conflict.
 */
export async function importLines<Line, Result>(
  database: Kysely<Tables>,
  source: LineSource<Line>,
  steps: ImportSteps<Line, Result>,
): Promise<Result | null> {
  try {
    return await database.transaction().execute((transaction) => importWithin(transaction, source, steps));
  } catch (error) {
    if (error instanceof NothingImported) return null;
    throw error;
  }
}

async function importWithin<Line, Result>(
  transaction: Transaction<Tables>,
  source: LineSource<Line>,
  steps: ImportSteps<Line, Result>,
): Promise<Result> {
  await createTables(transaction);
  await steps.createTables(transaction);
  let lines = 0;
  for await (const batch of source.batches) {
    await steps.addLines(transaction, batch);
    lines += batch.length;
  }
  await steps.findConflicts(transaction);
  const isContradicted = await reportConflicts(transaction, source);
  if (isContradicted || !source.isSound()) throw new NothingImported();
  return steps.finish(transaction, lines);
}

async function createTables(transaction: Transaction<Tables>): Promise<void> {
  await sql`
    CREATE TEMPORARY TABLE import_conflicts (line bigint NOT NULL, "otherLine" bigint, field text NOT NULL,
      expected text NOT NULL, found text NOT NULL) ON COMMIT DROP`.execute(transaction);
  // A million keys are compared with each other: with less memory that is done on disk, several times over.
  await sql`SET LOCAL work_mem = '64MB'`.execute(transaction);
}

const CONFLICTS_AT_ONCE = 5_000;

interface ConflictRow extends Omit<LineConflict, 'line' | 'otherLine'> {
  readonly line: string;
  readonly otherLine: string | null;
}

/** True where there was any conflict. All are reported to the source, a bounded number at a time. */
async function reportConflicts<Line>(transaction: Transaction<Tables>, source: LineSource<Line>): Promise<boolean> {
  let behind = '0';
  for (;;) {
    const { rows } = await sql<ConflictRow>`
      SELECT line, "otherLine", field, expected, found FROM import_conflicts
      WHERE line > ${behind} ORDER BY line LIMIT ${CONFLICTS_AT_ONCE}`.execute(transaction);
    const last = rows.at(-1);
    if (last === undefined) return behind !== '0';
    source.onConflicts(
      rows.map(({ line, otherLine, ...what }) => ({
        line: Number(line),
        otherLine: otherLine === null ? null : Number(otherLine),
        ...what,
      })),
    );
    behind = last.line;
  }
}
