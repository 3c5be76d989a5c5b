import { type Kysely, sql, type Transaction } from 'kysely';

import type { Partner } from '../../domain/partner';
import { recordAction } from '../audit';
import type { CorporateActionKey } from '../corporate-actions/load';
import { JUDGE_ANEW, noteNews } from '../corporate-actions/news';
import type { Tables } from '../schema/tables';

/** Our word that all openings and trades at a partner up to a moment are told. */
export interface Word {
  readonly partner: Partner;
  /** ISO 8601 UTC. */
  readonly through: string;
}

/** The word that holds after it was given, and the corporate actions to judge anew for it. */
export interface GivenWord {
  readonly word: Word;
  readonly reached: readonly CorporateActionKey[];
}

/** Our word on a partner's holdings, in a transaction of its own; the word that holds now. */
export function giveWordAlone(database: Kysely<Tables>, word: Word, by: string): Promise<Word> {
  return database.transaction().execute(async (transaction) => {
    const given = await giveWord(transaction, word, by);
    await noteNews(transaction, given.reached, JUDGE_ANEW);
    return given.word;
  });
}

/**
 * Our word on a partner's holdings, which only ever reaches further. The first word has every corporate action of the
 * partner judged anew, a later one those that it newly reaches.
 */
async function giveWord(transaction: Transaction<Tables>, word: Word, by: string): Promise<GivenWord> {
  const { partner, through } = word;
  await lockWord(transaction, partner, 'giving');
  const before = await loadWord(transaction, partner);
  await sql`
    INSERT INTO holdings_complete AS known (partner, through, told_by) VALUES (${partner}, ${through}::timestamptz, ${by})
    ON CONFLICT (partner) DO UPDATE SET through = excluded.through, told_by = excluded.told_by, told_at = now()
    WHERE known.through < excluded.through`.execute(transaction);
  const after = await loadWord(transaction, partner);
  if (after === before || after === null) return { word: { partner, through: shown(before ?? through) }, reached: [] };
  await recordAction(transaction, {
    ...{ by, action: 'complete-through', target: partner, reason: null },
    details: { through: after },
  });
  const reached = await reachedActions(transaction, { partner, through: after }, before);
  return { word: { partner, through: shown(after) }, reached };
}

/** A moment to the millisecond, as every time that is shown. */
function shown(through: string): string {
  return new Date(through).toISOString();
}

/** Our word on every partner that is named in a table of imported lines; none where `through` is null. The caller notes what is reached. */
export async function giveWords(
  transaction: Transaction<Tables>,
  lines: 'opening_lines' | 'trade_lines',
  through: string | null,
  by: string,
): Promise<readonly GivenWord[]> {
  if (through === null) return [];
  const words: GivenWord[] = [];
  for (const partner of await partnersOf(transaction, lines))
    words.push(await giveWord(transaction, { partner, through }, by));
  return words;
}

/** Partners that are named in a table of imported lines, in the order in which their words are locked. */
export async function partnersOf(
  transaction: Transaction<Tables>,
  lines: 'opening_lines' | 'trade_lines',
): Promise<readonly Partner[]> {
  const { rows } = await sql<{ partner: Partner }>`
    SELECT DISTINCT partner FROM ${sql.table(lines)} ORDER BY partner`.execute(transaction);
  return rows.map(({ partner }) => partner);
}

/**
 * Lock of a partner's word: trades are told beside each other, and none while a word is given. A trade that is told at
 * the same moment is then either part of what the word speaks of, or seen to be late.
 */
export async function lockWord(
  transaction: Transaction<Tables>,
  partner: Partner,
  purpose: 'giving' | 'telling',
): Promise<void> {
  const key = sql`hashtextextended(${`holdings:${partner}`}, 0)`;
  await (
    purpose === 'giving' ? sql`SELECT pg_advisory_xact_lock(${key})` : sql`SELECT pg_advisory_xact_lock_shared(${key})`
  ).execute(transaction);
}

/** Moment that our word reaches, ISO 8601 UTC to the microsecond; null where none was given. */
async function loadWord(transaction: Transaction<Tables>, partner: Partner): Promise<string | null> {
  const { rows } = await sql<{ through: string }>`
    SELECT to_char(through AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS through FROM holdings_complete
    WHERE partner = ${partner}`.execute(transaction);
  return rows[0]?.through ?? null;
}

/**
 * Corporate actions that a word reaches, for one of their holders at least, which none before did; all of the partner where
 * it is the first. A holder whose own movements came before the others' is reached earlier.
 */
async function reachedActions(
  transaction: Transaction<Tables>,
  { partner, through }: Word,
  before: string | null,
): Promise<readonly CorporateActionKey[]> {
  const { rows } = await sql<CorporateActionKey>`
    SELECT c.partner, c.id FROM corporate_actions c CROSS JOIN LATERAL (
      SELECT coalesce(c.first_credited_at, (
        SELECT min(credited_at) FROM movements m
        WHERE m.partner = c.partner AND m.corporate_action_id = c.id AND m.amount <> 0)) AS at
    ) AS first
    WHERE c.partner = ${partner}
      AND (${before}::timestamptz IS NULL
        OR (coalesce(c.started_at, first.at) > ${before}::timestamptz AND first.at <= ${through}::timestamptz))
    ORDER BY c.id`.execute(transaction);
  return rows;
}
