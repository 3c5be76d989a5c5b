import { isDeepStrictEqual } from 'node:util';

import { type Kysely, sql, type Transaction } from 'kysely';

import {
  GOOD_VERDICTS,
  type JudgedCorporateAction,
  type Judgement,
} from '../../domain/lifecycles/corporate-actions/corporate-action';
import { judgeCorporateAction } from '../../domain/lifecycles/corporate-actions/judge';
import type { PartnerAsked } from '../../domain/lifecycles/corporate-actions/set-news';
import type { Partner } from '../../domain/partner';
import { type AlertCause, raiseAlerts } from '../outbox/alerts';
import { inLockOrder } from '../locking';
import { type CorporateActionKey, type LedgerView, loadLedgerView, loadSets, type StoredSet } from './load';
import type { Tables } from '../schema/tables';

/** What judging goes by. */
export interface JudgingOptions {
  /** The smallest amount the partner books, by asset group. */
  readonly precisions: Readonly<Record<string, string>>;
  readonly alertWindowMs: number;
}

/** A set that has settled and is to be judged itself, beside those that were judged before. */
export interface QuietSet {
  readonly userId: string;
  /** Before the partner was asked no verdict is given that is not good; while it cannot be, nothing is called a break. */
  readonly asked: PartnerAsked;
}

/** Whether the settled set was judged, or the partner has to be asked first; from when on. */
export type Judged = { readonly kind: 'judged' } | { readonly kind: 'ask'; readonly from: string };

/** What changes of one set's row. */
interface SetChange {
  readonly userId: string;
  readonly judgement: Judgement | null;
  readonly before: string | null;
  readonly judgedThrough: bigint;
  /** The verdict or its breaks are others than before: whoever resolved them resolved something else. */
  readonly isNews: boolean;
  /** Its flow hears by the answer of its own judging, or there is none; the others' are told by dispatch. */
  readonly hasHeard: boolean;
  readonly unreachable: boolean;
  readonly turnedIntoBreak: boolean;
}

interface Sorted {
  readonly view: LedgerView;
  readonly stored: ReadonlyMap<string, StoredSet>;
  readonly judgements: ReadonlyMap<string, Judgement>;
  /** Those that may be judged now, by user. */
  readonly settled: ReadonlyMap<string, QuietSet>;
}

/** A set with movements that have not settled yet keeps its verdict until they have. */
function isDue({ view, stored, settled }: Sorted, userId: string): boolean {
  if (settled.has(userId)) return true;
  const last = view.lastPositions.get(userId);
  const known = stored.get(userId);
  if (last === undefined) return known?.verdict !== null;
  return (known?.verdict ?? null) !== null && last <= (known?.judgedThrough ?? 0n);
}

/** While the partner cannot say what was lost, a break may be a movement on its way. */
function isUnreachable({ stored, settled }: Sorted, userId: string): boolean {
  const own = settled.get(userId);
  if (own !== undefined) return own.asked === 'unreachable';
  return stored.get(userId)?.unreachable === true;
}

function given(sorted: Sorted, userId: string): Judgement | null {
  const judgement = sorted.judgements.get(userId) ?? null;
  if (judgement?.verdict !== 'break' || !isUnreachable(sorted, userId)) return judgement;
  return { ...judgement, verdict: 'unverified', breaks: [] };
}

function isNewsTo(known: StoredSet | undefined, judgement: Judgement | null): boolean {
  return known?.verdict !== (judgement?.verdict ?? null) || !isDeepStrictEqual(known.breaks, judgement?.breaks ?? []);
}

function changeOf(sorted: Sorted, userId: string): SetChange | null {
  const { view, stored, settled } = sorted;
  const known = stored.get(userId);
  const judgement = given(sorted, userId);
  if (known === undefined && judgement === null) return null;
  const isOwn = settled.has(userId);
  const isNews = isNewsTo(known, judgement);
  const before = view.before.get(userId) ?? null;
  const judgedThrough = view.lastPositions.get(userId) ?? known?.judgedThrough ?? 0n;
  const showsSame = known?.before === before && isDeepStrictEqual(known.expectedNew, judgement?.expectedNew ?? {});
  if (!isOwn && !isNews && showsSame && judgedThrough === known.judgedThrough) return null;
  return {
    userId,
    judgement,
    before,
    judgedThrough,
    isNews,
    hasHeard: isOwn || judgedThrough === 0n,
    unreachable: isUnreachable(sorted, userId),
    turnedIntoBreak: isNews && judgement?.verdict === 'break' && known?.verdict !== 'break',
  };
}

/** A row for each holder of whom nothing ever came. */
async function insertMissing(
  transaction: Transaction<Tables>,
  { partner, id }: CorporateActionKey,
  userIds: readonly string[],
): Promise<void> {
  if (userIds.length === 0) return;
  await sql`
    INSERT INTO transaction_sets (partner, corporate_action_id, user_id)
    SELECT ${partner}, ${id}, user_id FROM unnest(${[...inLockOrder(userIds, (userId) => userId)]}::text[]) AS missing (user_id)
    ON CONFLICT DO NOTHING`.execute(transaction);
}

/** Every changed set in one statement, however many holders there are. */
async function writeSets(
  transaction: Transaction<Tables>,
  { partner, id }: CorporateActionKey,
  changes: readonly SetChange[],
): Promise<void> {
  if (changes.length === 0) return;
  await sql`
    UPDATE transaction_sets AS sets SET verdict = said.verdict, breaks = said.breaks::jsonb, before = said.before,
      expected_new = said.expected_new::jsonb, judged_through = said.judged_through, judged_at = now(),
      resolution = CASE WHEN said.is_news THEN NULL ELSE sets.resolution END,
      version = sets.version + said.is_news::int,
      unreachable = said.unreachable,
      told_version = CASE WHEN said.has_heard THEN sets.version + said.is_news::int ELSE sets.told_version END
    FROM unnest(${changes.map(({ userId }) => userId)}::text[],
      ${changes.map(({ judgement }) => judgement?.verdict ?? null)}::text[],
      ${changes.map(({ judgement }) => JSON.stringify(judgement?.breaks ?? []))}::text[],
      ${changes.map(({ before }) => before)}::numeric[],
      ${changes.map(({ judgement }) => JSON.stringify(judgement?.expectedNew ?? {}))}::text[],
      ${changes.map(({ judgedThrough }) => judgedThrough.toString())}::bigint[],
      ${changes.map(({ isNews }) => isNews)}::boolean[], ${changes.map(({ hasHeard }) => hasHeard)}::boolean[],
      ${changes.map(({ unreachable }) => unreachable)}::boolean[])
      AS said (user_id, verdict, breaks, before, expected_new, judged_through, is_news, has_heard, unreachable)
    WHERE sets.partner = ${partner} AND sets.corporate_action_id = ${id} AND sets.user_id = said.user_id`.execute(
    transaction,
  );
}

async function writeHeader(
  transaction: Transaction<Tables>,
  { partner, id }: CorporateActionKey,
  judged: JudgedCorporateAction,
): Promise<void> {
  const { type, oldInstrument, newInstruments, ratios } = judged;
  await sql`
    UPDATE corporate_actions SET type = coalesce(${type}, type), old_instrument = ${oldInstrument},
      new_instruments = ${[...newInstruments]}::text[], ratios = ${JSON.stringify(ratios)}::jsonb
    WHERE partner = ${partner} AND id = ${id}
      AND (old_instrument, new_instruments, ratios) IS DISTINCT FROM
          (${oldInstrument}::text, ${[...newInstruments]}::text[], ${JSON.stringify(ratios)}::jsonb)`.execute(
    transaction,
  );
}

const DAY_MS = 86_400_000;

/** From the day before the first movement was credited; whole days, so that many flows ask the same question. */
function askFrom({ firstCreditedAt }: LedgerView): string {
  const firstMs = firstCreditedAt === null ? Date.now() : Date.parse(firstCreditedAt);
  return new Date(Math.floor(firstMs / DAY_MS - 1) * DAY_MS).toISOString();
}

/** One judging of a corporate action at a time: two would write verdicts over each other from different views. */
async function lockAction(transaction: Transaction<Tables>, { partner, id }: CorporateActionKey): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(hashtextextended(${`corporate-action:${partner}:${id}`}, 0))`.execute(
    transaction,
  );
}

/** Before the partner was asked for lost movements no verdict is given that is not good. */
function isReady({ userId, asked }: QuietSet, judgements: ReadonlyMap<string, Judgement>): boolean {
  const verdict = judgements.get(userId)?.verdict;
  return asked !== 'not asked' || GOOD_VERDICTS.some((good) => good === verdict);
}

/** What judging gave: each settled set by user, and what people have to hear of. */
export interface Judging {
  readonly judged: ReadonlyMap<string, Judged>;
  readonly causes: readonly AlertCause[];
}

/** One alert for all that turned into breaks. */
function causesOf({ partner, id }: CorporateActionKey, changes: readonly SetChange[]): readonly AlertCause[] {
  if (!changes.some(({ turnedIntoBreak }) => turnedIntoBreak)) return [];
  return [{ partner, finding: 'break', example: `${partner}:corporate-action:${id}` }];
}

/**
 * Judges the sets that have settled, and every other set of their corporate action whose verdict they change. The flows
 * of the others hear of it from dispatch. Raises nothing: whoever judges several corporate actions in a transaction
 * raises the causes of all of them after the last, or it would hold an alert's row while it waits for a lock whose
 * holder waits for that row.
 */
export async function judgeWithoutAlerts(
  transaction: Transaction<Tables>,
  action: CorporateActionKey,
  settled: readonly QuietSet[],
  options: JudgingOptions,
): Promise<Judging> {
  await lockAction(transaction, action);
  const view = await loadLedgerView(transaction, action);
  const { holders, aliased } = view;
  const judged = judgeCorporateAction({ holders, aliased, precisions: options.precisions });
  const judgements = new Map(judged.judgements.map((one) => [one.userId, one]));
  const ready = new Map(settled.flatMap((one) => (isReady(one, judgements) ? [[one.userId, one]] : [])));
  const sorted = { view, stored: await loadSets(transaction, action), judgements, settled: ready };
  const userIds = new Set([...sorted.stored.keys(), ...holders.map(({ userId }) => userId)]);
  const changes = [...userIds].flatMap((userId) => (isDue(sorted, userId) ? (changeOf(sorted, userId) ?? []) : []));
  const missing = changes.filter(({ userId }) => !sorted.stored.has(userId)).map(({ userId }) => userId);
  await insertMissing(transaction, action, missing);
  await writeSets(transaction, action, changes);
  await writeHeader(transaction, action, judged);
  const ask = { kind: 'ask', from: askFrom(view) } as const;
  return {
    judged: new Map(settled.map(({ userId }) => [userId, ready.has(userId) ? { kind: 'judged' } : ask])),
    causes: causesOf(action, changes),
  };
}

/** Judges one corporate action, as the last thing its transaction does, and raises what came of it. Answers by user. */
export async function judgeSetsWithin(
  transaction: Transaction<Tables>,
  action: CorporateActionKey,
  settled: readonly QuietSet[],
  options: JudgingOptions,
): Promise<ReadonlyMap<string, Judged>> {
  const { judged, causes } = await judgeWithoutAlerts(transaction, action, settled, options);
  await raiseAlerts(transaction, causes, options.alertWindowMs);
  return judged;
}

/** Judges every set of a corporate action anew that has settled, after something it rests on has changed. */
export async function judgeSets(
  database: Kysely<Tables>,
  action: { readonly partner: Partner; readonly id: string },
  options: JudgingOptions,
): Promise<void> {
  await database.transaction().execute((transaction) => judgeSetsWithin(transaction, action, [], options));
}
