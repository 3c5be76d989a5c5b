import { setTimeout as delay } from 'node:timers/promises';

import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely';
import { v4 as uuidv4 } from 'uuid';

import { type RecordedAction, recordAction } from './audit';
import type { Tables } from './schema/tables';

/** Work on very many things, as its row shows it. */
export interface MassWork {
  readonly id: string;
  readonly by: string;
  readonly startedAt: Date;
  /** True where somebody began it before, and it goes on. */
  readonly isContinued: boolean;
}

/** Numbers by what became of the things. */
export type MassResults = Readonly<Record<string, number>>;

/** Thing that a work is done to. */
export interface MassItem {
  readonly item: string;
  /** Facts that were found when it was listed. */
  readonly details?: object;
}

/** Count of the results of a part, in the transaction of the part. */
export type CountPart = (transaction: Transaction<Tables>, results: MassResults) => Promise<void>;

/** Steps of a work. */
export interface MassSteps {
  /** Listing of the things to be done, in pages; done once, and again after a process was killed during it. */
  readonly list: (add: (page: readonly MassItem[]) => Promise<void>) => Promise<void>;
  /** Number of things that a process takes at once. */
  readonly pageItems: number;
  /**
   * Work on a page; its results. Throws where it could not be done: the page is taken again. Work that commits parts of a
   * page counts each with its commit, and leaves it out of its results: a process that is killed leaves none uncounted.
   */
  readonly workOn: (items: readonly MassItem[], count: CountPart) => Promise<MassResults>;
  readonly onProgress: (words: string) => void;
  /** Notice that a work goes on that somebody began before. */
  readonly onContinued: (words: string) => void;
  /** Action that is recorded at the end, once. */
  readonly actionOf: (results: MassResults) => Omit<RecordedAction, 'by'> | null;
}

/** Time after which a work that nobody goes on with is begun anew instead: what it found is too old. */
const LASTS = '1 hour';

/**
 * Results of a work, all processes together. Its things are written down first, and each process takes some at a time:
 * after any end the same request continues what is left, and two at once share it.
 */
export async function runMassWork(
  database: Kysely<Tables>,
  request: { readonly kind: string; readonly scope: string; readonly by: string },
  steps: MassSteps,
): Promise<MassResults> {
  const work = await openWork(database, request);
  if (work.isContinued) steps.onContinued(`Goes on with what ${work.by} began at ${work.startedAt.toISOString()}.`);
  await listItems(database, work, steps);
  await workOffItems(database, work, steps);
  return endWork(database, work, steps);
}

async function openWork(
  database: Kysely<Tables>,
  { kind, scope, by }: { readonly kind: string; readonly scope: string; readonly by: string },
): Promise<MassWork> {
  return database.transaction().execute(async (transaction) => {
    await sql`
      WITH old AS (
        UPDATE mass_work SET ended_at = now()
        WHERE kind = ${kind} AND scope = ${scope} AND ended_at IS NULL AND active_at < now() - ${LASTS}::interval
        RETURNING id
      )
      DELETE FROM mass_work_items WHERE work IN (SELECT id FROM old)`.execute(transaction);
    const { rows } = await sql<MassWork>`
      INSERT INTO mass_work (kind, scope, by) VALUES (${kind}, ${scope}, ${by})
      ON CONFLICT (kind, scope) WHERE ended_at IS NULL DO UPDATE SET active_at = now()
      RETURNING id, by, started_at AS "startedAt", xmax <> 0 AS "isContinued"`.execute(transaction);
    const [work] = rows;
    if (work === undefined) throw new Error('the work could not be written down');
    return work;
  });
}

/** Time for which a process has what it took; it renews it while it is at work. */
const LEASE_MS = 15_000;
const WAIT_MS = 500;

/** Lists the things of a work, by one process; the others wait for it, and take over where it was killed. */
async function listItems(database: Kysely<Tables>, { id }: MassWork, { list, onProgress }: MassSteps): Promise<void> {
  const token = uuidv4();
  for (;;) {
    const { rows } = await sql<{ isListed: boolean; isOurs: boolean }>`
      UPDATE mass_work SET
        lease_token = CASE WHEN is_listed OR lease_until > now() THEN lease_token ELSE ${token}::uuid END,
        lease_until = CASE WHEN is_listed OR lease_until > now() THEN lease_until ELSE ${leaseEnd()} END
      WHERE id = ${id} RETURNING is_listed AS "isListed", lease_token = ${token}::uuid AS "isOurs"`.execute(database);
    const [row] = rows;
    if (row === undefined || row.isListed) return;
    if (row.isOurs) break;
    await delay(WAIT_MS);
  }
  const lasts = (until: RawBuilder<unknown>) =>
    sql`UPDATE mass_work SET lease_until = ${until}, active_at = now() WHERE id = ${id} AND lease_token = ${token}::uuid`;
  await whileLeased(
    (until) => lasts(until).execute(database),
    async () => {
      let listed = 0;
      await list(async (page) => {
        await addItems(database, id, page);
        listed += page.length;
        onProgress(`${listed} listed`);
      });
    },
  );
  await sql`
    UPDATE mass_work SET is_listed = true, active_at = now(), lease_until = NULL,
      items = (SELECT count(*) FROM mass_work_items WHERE work = ${id}) WHERE id = ${id} AND NOT is_listed`.execute(
    database,
  );
}

function leaseEnd() {
  return sql`now() + ${LEASE_MS} * interval '1 millisecond'`;
}

/**
 * Result of work during which the lease is renewed: it may take longer than the lease lasts, as long as its process
 * lives. After a failure the lease is given back.
 */
async function whileLeased<T>(
  lasts: (until: RawBuilder<unknown>) => Promise<unknown>,
  work: () => Promise<T>,
): Promise<T> {
  const timer = setInterval(() => void lasts(leaseEnd()).catch(() => undefined), LEASE_MS / 3).unref();
  try {
    return await work();
  } catch (error) {
    await lasts(sql`NULL`);
    throw error;
  } finally {
    clearInterval(timer);
  }
}

async function addItems(database: Kysely<Tables>, work: string, items: readonly MassItem[]): Promise<void> {
  await sql`
    INSERT INTO mass_work_items (work, item, details)
    SELECT ${work}::uuid, item, details::jsonb FROM unnest(${items.map(({ item }) => item)}::text[],
      ${items.map(({ details }) => (details === undefined ? null : JSON.stringify(details)))}::text[]) AS input (item, details)
    ON CONFLICT DO NOTHING`.execute(database);
}

async function workOffItems(database: Kysely<Tables>, work: MassWork, steps: MassSteps): Promise<void> {
  const token = uuidv4();
  for (;;) {
    const items = await claimItems(database, work, token, steps.pageItems);
    if (items.length > 0) {
      const results = await whileLeased(
        (until) => leaseUntil(database, work, token, until),
        () => steps.workOn(items, (transaction, results) => addResults(transaction, work, results)),
      );
      await finishItems(database, work, { token, items, results }, steps);
    } else {
      // Somebody else has the rest; should that process be killed, its leases run out.
      if (!(await hasItems(database, work))) return;
      await delay(WAIT_MS);
    }
  }
}

async function leaseUntil(
  database: Kysely<Tables>,
  { id }: MassWork,
  token: string,
  until: RawBuilder<unknown>,
): Promise<void> {
  await sql`
    UPDATE mass_work_items SET lease_until = ${until} WHERE work = ${id} AND lease_token = ${token}::uuid`.execute(
    database,
  );
}

/** Next items, leased. In an array the search runs once; as a condition the planner may run it for every row. */
async function claimItems(
  database: Kysely<Tables>,
  { id }: MassWork,
  token: string,
  limit: number,
): Promise<readonly MassItem[]> {
  const { rows } = await sql<MassItem>`
    UPDATE mass_work_items SET lease_token = ${token}::uuid, lease_until = ${leaseEnd()}
    WHERE work = ${id} AND item = ANY (ARRAY (
      SELECT item FROM mass_work_items
      WHERE work = ${id} AND (lease_until IS NULL OR lease_until < now() OR lease_token = ${token}::uuid)
      ORDER BY item LIMIT ${limit} FOR UPDATE SKIP LOCKED
    )) RETURNING item, details`.execute(database);
  return rows;
}

async function addResults(transaction: Transaction<Tables>, { id }: MassWork, results: MassResults): Promise<void> {
  await sql`UPDATE mass_work SET results = results || ${sums(results)} WHERE id = ${id}`.execute(transaction);
}

/** Results of a work's row with these added. */
function sums(results: MassResults): RawBuilder<unknown> {
  return sql`(SELECT coalesce(jsonb_object_agg(key, coalesce((results ->> key)::bigint, 0) + value::bigint), '{}')
    FROM jsonb_each_text(${JSON.stringify(results)}::jsonb))`;
}

/** Page that was worked on. */
interface DonePage {
  readonly token: string;
  readonly items: readonly MassItem[];
  readonly results: MassResults;
}

/**
 * End of a page: its things are gone with the commit of its results. Where another process has taken it over, because
 * this one was silent for too long, the results are that one's.
 */
async function finishItems(
  database: Kysely<Tables>,
  { id }: MassWork,
  { token, items, results }: DonePage,
  { onProgress }: MassSteps,
): Promise<void> {
  const { rows } = await sql<{ items: string; done: string }>`
    WITH finished AS (
      DELETE FROM mass_work_items
      WHERE work = ${id} AND lease_token = ${token}::uuid AND item = ANY (${items.map(({ item }) => item)}::text[])
      RETURNING item
    )
    UPDATE mass_work SET active_at = now(), done = done + (SELECT count(*) FROM finished),
      results = CASE WHEN EXISTS (SELECT FROM finished) THEN results || ${sums(results)} ELSE results END
    WHERE id = ${id} RETURNING items, done`.execute(database);
  const [row] = rows;
  if (row !== undefined) onProgress(`${row.done} of ${row.items}`);
}

async function hasItems(database: Kysely<Tables>, { id }: MassWork): Promise<boolean> {
  const { rows } = await sql`SELECT FROM mass_work_items WHERE work = ${id} LIMIT 1`.execute(database);
  return rows.length > 0;
}

/** Results of the work; the process that ends it records the action. */
async function endWork(database: Kysely<Tables>, { id, by }: MassWork, { actionOf }: MassSteps): Promise<MassResults> {
  return database.transaction().execute(async (transaction) => {
    const ended = await sql<{ results: MassResults }>`
      UPDATE mass_work SET ended_at = now() WHERE id = ${id} AND ended_at IS NULL RETURNING results`.execute(
      transaction,
    );
    const [own] = ended.rows;
    const action = own === undefined ? null : actionOf(own.results);
    if (action !== null) await recordAction(transaction, { ...action, by });
    if (own !== undefined) return own.results;
    const row = await transaction.selectFrom('mass_work').select('results').where('id', '=', id).executeTakeFirst();
    return row?.results ?? {};
  });
}
