import { setTimeout as delay } from 'node:timers/promises';

import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely';

import { type RecordedAction, recordAction } from './audit';
import type { Tables } from './schema/tables';

/** Result of the change of a page. */
interface Page {
  readonly changed: number;
  /** True where nothing was changed because others have locked what is left. */
  readonly isLeft: boolean;
  /** Action that is recorded with the page. */
  readonly action: RecordedAction;
}

const WAIT_MS = 200;

/**
 * Number of rows that were changed, page by page, until none is left of those that were there when it began. A page
 * passes over rows that others have locked: they are either changed by these, or are tried again.
 */
export async function inPages(
  database: Kysely<Tables>,
  onProgress: (done: number) => void,
  change: (transaction: Transaction<Tables>, began: string) => Promise<Page>,
): Promise<number> {
  const { rows } = await sql<{ began: string }>`SELECT now()::text AS began`.execute(database);
  const began = rows[0]?.began ?? 'now';
  let done = 0;
  for (;;) {
    const { changed, isLeft } = await database.transaction().execute(async (transaction) => {
      const page = await change(transaction, began);
      if (page.changed > 0 || (done === 0 && !page.isLeft)) await recordAction(transaction, page.action);
      return page;
    });
    if (changed === 0 && !isLeft) return done;
    done += changed;
    if (changed > 0) onProgress(done);
    else await delay(WAIT_MS);
  }
}

/** True when a table holds a row; `from` is the text behind `FROM`. */
export async function areThere(database: Kysely<Tables>, from: RawBuilder<unknown>): Promise<boolean> {
  const { rows } = await sql`SELECT FROM ${from} LIMIT 1`.execute(database);
  return rows.length > 0;
}
