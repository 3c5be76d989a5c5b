import { type Kysely, sql, type Transaction } from 'kysely';

import type { Partner } from '../../domain/partner';
import { recordAction } from '../audit';
import { actionsAfterMovements } from '../corporate-actions/affected';
import type { CorporateActionKey } from '../corporate-actions/load';
import { JUDGE_ANEW, noteNews } from '../corporate-actions/news';
import { raiseAlerts } from '../outbox/alerts';
import type { Tables } from '../schema/tables';
import { giveWords, lockWord, partnersOf, type Word } from './complete-through';
import { importLines, type LineSource } from './line-import';

/** Trade of our own backend for a user at a partner. */
export interface TradeLine {
  /** Number of the line in the file, or its place in a request, from 1. */
  readonly line: number;
  readonly partner: Partner;
  readonly userId: string;
  readonly instrument: string;
  /** Plain decimal; what is sold is negative. */
  readonly amount: string;
  /** ISO 8601 with its offset. */
  readonly tradedAt: string;
  /** Id of the trade in our own books: a trade is told once under it. */
  readonly reference: string;
}

/** Result of telling trades. */
export interface ToldTrades {
  readonly lines: number;
  /** Number of new trades; every other one was told already, or repeats an earlier line. */
  readonly fresh: number;
  /** Number of new trades that our word had spoken of before they were told. */
  readonly late: number;
  /** Our word on each partner of the lines; empty where none was given. */
  readonly words: readonly Word[];
}

/** Settings of telling trades. */
export interface TradeOptions {
  /** Our word for each partner of the trades; null for none. */
  readonly through: string | null;
  readonly alertWindowMs: number;
}

/**
 * Trades of our own, all or none, each once under its reference. A repetition changes nothing; something else under a
 * reference that was told is a conflict. One that is told late is taken and alerted; what rests on a holding that it
 * changes is judged anew. Null where a line was bad or in conflict.
 */
export async function tellTrades(
  database: Kysely<Tables>,
  source: LineSource<TradeLine>,
  { through, alertWindowMs }: TradeOptions,
): Promise<ToldTrades | null> {
  return importLines(database, source, {
    createTables,
    addLines,
    findConflicts: async (transaction) => {
      for (const partner of await partnersOf(transaction, 'trade_lines'))
        await lockWord(transaction, partner, through === null ? 'telling' : 'giving');
      await insertFresh(transaction, source.by);
      await findConflicts(transaction);
    },
    finish: async (transaction, lines) => {
      const fresh = await countFresh(transaction);
      if (fresh > 0) {
        const details = { lines, fresh };
        await recordAction(transaction, { by: source.by, action: 'import', target: 'trades', reason: null, details });
      }
      const late = await raiseLate(transaction, alertWindowMs);
      const affected = await affectedActions(transaction);
      const given = await giveWords(transaction, 'trade_lines', through, source.by);
      // All at once: their rows are locked in one order.
      await noteNews(transaction, [...affected, ...given.flatMap(({ reached }) => reached)], JUDGE_ANEW);
      return { lines, fresh, late, words: given.map(({ word }) => word) };
    },
  });
}

async function createTables(transaction: Transaction<Tables>): Promise<void> {
  await sql`
    CREATE TEMPORARY TABLE trade_lines (line bigint NOT NULL, partner text NOT NULL, user_id text NOT NULL,
      instrument text NOT NULL, amount numeric NOT NULL, traded_at timestamptz NOT NULL, reference text NOT NULL)
      ON COMMIT DROP`.execute(transaction);
  await sql`
    CREATE TEMPORARY TABLE fresh_trades (partner text NOT NULL, user_id text NOT NULL, instrument text NOT NULL,
      traded_at timestamptz NOT NULL, reference text NOT NULL) ON COMMIT DROP`.execute(transaction);
}

async function addLines(transaction: Transaction<Tables>, lines: readonly TradeLine[]): Promise<void> {
  await sql`
    INSERT INTO trade_lines SELECT * FROM unnest(${lines.map(({ line }) => line)}::bigint[],
      ${lines.map(({ partner }) => partner)}::text[], ${lines.map(({ userId }) => userId)}::text[],
      ${lines.map(({ instrument }) => instrument)}::text[], ${lines.map(({ amount }) => amount)}::numeric[],
      ${lines.map(({ tradedAt }) => tradedAt)}::timestamptz[], ${lines.map(({ reference }) => reference)}::text[])`.execute(
    transaction,
  );
}

/**
 * New trades, the first line of each reference. In one order, so that two who tell the same ones do not wait for each
 * other; who comes second waits for the first, and is then compared with it.
 */
async function insertFresh(transaction: Transaction<Tables>, by: string): Promise<void> {
  await sql`ANALYZE trade_lines`.execute(transaction);
  await sql`
    WITH told AS (
      INSERT INTO own_trades (reference, partner, user_id, instrument, amount, traded_at, told_by)
      SELECT DISTINCT ON (reference COLLATE "C") reference, partner, user_id, instrument, amount, traded_at, ${by}
      FROM trade_lines ORDER BY reference COLLATE "C", line
      ON CONFLICT DO NOTHING RETURNING partner, user_id, instrument, traded_at, reference
    )
    INSERT INTO fresh_trades SELECT partner, user_id, instrument, traded_at, reference FROM told`.execute(transaction);
}

/** Lines that say something else than is told under their reference, with the names of the fields in which they do. */
async function findConflicts(transaction: Transaction<Tables>): Promise<void> {
  await sql`
    INSERT INTO import_conflicts
    SELECT l.line, CASE WHEN fresh.reference IS NULL THEN NULL ELSE first.line END, 'reference', 'the same trade',
      'another ' || concat_ws(', ', CASE WHEN l.partner <> told.partner THEN 'partner' END,
        CASE WHEN l.user_id <> told.user_id THEN 'userId' END,
        CASE WHEN l.instrument <> told.instrument THEN 'instrument' END,
        CASE WHEN l.amount <> told.amount THEN 'amount' END,
        CASE WHEN l.traded_at <> told.traded_at THEN 'tradedAt' END)
    FROM trade_lines l JOIN own_trades told USING (reference) LEFT JOIN fresh_trades fresh USING (reference)
      JOIN (SELECT reference, min(line) AS line FROM trade_lines GROUP BY reference) AS first USING (reference)
    WHERE (l.partner, l.user_id, l.instrument, l.amount, l.traded_at)
      <> (told.partner, told.user_id, told.instrument, told.amount, told.traded_at)`.execute(transaction);
}

async function countFresh(transaction: Transaction<Tables>): Promise<number> {
  const { rows } = await sql<{ fresh: number }>`SELECT count(*)::int AS fresh FROM fresh_trades`.execute(transaction);
  return rows[0]?.fresh ?? 0;
}

interface LateTrades {
  readonly partner: Partner;
  readonly count: number;
  readonly examples: readonly string[];
}

const MOST_EXAMPLES = 20;

/** Alert of new trades of before our word; their number. What we had said was not complete. */
async function raiseLate(transaction: Transaction<Tables>, alertWindowMs: number): Promise<number> {
  const { rows } = await sql<LateTrades>`
    SELECT fresh.partner, count(*)::int AS count, (array_agg(reference ORDER BY reference))[1:${MOST_EXAMPLES}] AS examples
    FROM fresh_trades fresh JOIN holdings_complete word USING (partner) WHERE fresh.traded_at <= word.through
    GROUP BY fresh.partner`.execute(transaction);
  const causes = rows.flatMap(({ partner, count, examples }) =>
    Array.from({ length: count }, (_, index) => ({
      partner,
      finding: 'late-trade' as const,
      example: examples[index] ?? examples[0] ?? partner,
    })),
  );
  await raiseAlerts(transaction, causes, alertWindowMs);
  return causes.length;
}

const PAGE_TRADES = 5_000;

/** Corporate actions that rest on a holding which a new trade changes, some thousand trades at a time. */
async function affectedActions(transaction: Transaction<Tables>): Promise<readonly CorporateActionKey[]> {
  const affected: CorporateActionKey[] = [];
  for (let after: string | null = ''; after !== null;) {
    const page: readonly FreshTrade[] = await freshAfter(transaction, after);
    const changes = page.map((trade) => ({ ...trade, corporateActionId: null }));
    affected.push(...(await actionsAfterMovements(transaction, changes)));
    after = page.at(-1)?.reference ?? null;
  }
  return affected;
}

interface FreshTrade {
  readonly partner: Partner;
  readonly userId: string;
  readonly instrument: string;
  readonly creditedAt: string;
  readonly reference: string;
}

async function freshAfter(transaction: Transaction<Tables>, after: string): Promise<readonly FreshTrade[]> {
  const { rows } = await sql<FreshTrade>`
    SELECT partner, user_id AS "userId", instrument, traded_at::text AS "creditedAt", reference FROM fresh_trades
    WHERE reference COLLATE "C" > ${after} ORDER BY reference COLLATE "C" LIMIT ${PAGE_TRADES}`.execute(transaction);
  return rows;
}
