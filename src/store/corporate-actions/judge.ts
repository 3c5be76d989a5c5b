import { isDeepStrictEqual } from 'node:util';

import { type Kysely, sql, type Transaction } from 'kysely';

import {
  GOOD_VERDICTS,
  type JudgedCorporateAction,
  type Judgement,
} from '../../domain/lifecycles/corporate-actions/corporate-action';
import { judgeCorporateAction } from '../../domain/lifecycles/corporate-actions/judge';
import { doubted } from '../../domain/lifecycles/corporate-actions/doubted';
import type { PartnerAsked } from '../../domain/lifecycles/corporate-actions/set-news';
import type { Partner } from '../../domain/partner';
import { type AlertCause, raiseAlerts } from '../outbox/alerts';
import { inLockOrder } from '../locking';
import { lockAction } from './action-state';
import { STANDS } from './holdings-before';
import { markHoldersRejudged, noteNews, ONLY_LOOK } from './news';
import { type CorporateActionKey, type LedgerView, loadLedgerView, loadSets, type StoredSet } from './load';
import { startOf } from './start';
import type { Tables } from '../schema/tables';

/** Settings of judging. */
export interface JudgingOptions {
  /** Smallest amount the partner books, by asset group. */
  readonly precisions: Readonly<Record<string, string>>;
  readonly alertWindowMs: number;
}

/** Set whose quiet period has ended, and which is to be judged beside those that were judged before. */
export interface QuietSet {
  readonly userId: string;
  /**
   * Result of asking the partner for lost movements. Before it was asked only a good verdict is given; while it
   * cannot be asked, nothing is called a break.
   */
  readonly asked: PartnerAsked;
}

/** Result for a quiet set: it was judged, or the partner has to be asked first for movements since `from`. */
export type Judged = { readonly kind: 'judged' } | { readonly kind: 'ask'; readonly from: string };

/** Result of judging: each quiet set by user, and the causes of alerts. */
export interface Judging {
  readonly judged: ReadonlyMap<string, Judged>;
  readonly causes: readonly AlertCause[];
}

/**
 * Judgement of the quiet sets, and of every other set of their corporate action whose verdict they change. Dispatch
 * notifies the flows of the others. No alert is raised here. A transaction that judges several corporate actions
 * raises the causes of all of them after the last, or it would hold an alert's row while it waits for a lock whose
 * holder waits for that row.
 */
export async function judgeWithoutAlerts(
  transaction: Transaction<Tables>,
  action: CorporateActionKey,
  quiet: readonly QuietSet[],
  options: JudgingOptions,
): Promise<Judging> {
  await lockAction(transaction, action);
  const view = await loadLedgerView(transaction, action);
  const { holders, aliased } = view;
  const judged = judgeCorporateAction({ holders, aliased, precisions: options.precisions });
  const judgements = new Map(judged.judgements.map((one) => [one.userId, one]));
  const ready = new Map(quiet.flatMap((one) => (isReady(one, judgements) ? [[one.userId, one]] : [])));
  const state = { view, stored: await loadSets(transaction, action), judgements, quiet: ready };
  const userIds = new Set([...state.stored.keys(), ...holders.map(({ userId }) => userId)]);
  const changes = [...userIds].flatMap((userId) => (isDue(state, userId) ? (changeOf(state, userId) ?? []) : []));
  const missing = changes.filter(({ userId }) => !state.stored.has(userId)).map(({ userId }) => userId);
  await insertMissing(transaction, action, missing);
  await writeSets(transaction, action, changes);
  if (!isFollowedAsAWhole(state)) await writeHeader(transaction, action, judged);
  const ask = { kind: 'ask', from: askFrom(view) } as const;
  return {
    judged: new Map(quiet.map(({ userId }) => [userId, ready.has(userId) ? { kind: 'judged' } : ask])),
    causes: causesOf(action, changes),
  };
}

/**
 * True when a quiet set can be judged. Before the partner was asked for lost movements only a good verdict is given.
 */
function isReady({ userId, asked }: QuietSet, judgements: ReadonlyMap<string, Judgement>): boolean {
  const verdict = judgements.get(userId)?.verdict;
  return asked !== 'not asked' || GOOD_VERDICTS.some((good) => good === verdict);
}

/** Corporate action while it is judged. */
interface JudgingState {
  readonly view: LedgerView;
  readonly stored: ReadonlyMap<string, StoredSet>;
  readonly judgements: ReadonlyMap<string, Judgement>;
  /** Sets that may be judged now, by user. */
  readonly quiet: ReadonlyMap<string, QuietSet>;
}

/** True where a flow of the whole corporate action follows any set: then it alone concludes what is about no single one. */
function isFollowedAsAWhole({ stored }: Pick<JudgingState, 'stored'>): boolean {
  return [...stored.values()].some(({ followedBy }) => followedBy === 'action');
}

/**
 * True when a set may be judged. A set with movements in their quiet period keeps its verdict until that has ended. Only
 * who follows a set writes its verdict.
 */
function isDue({ view, stored, quiet }: JudgingState, userId: string): boolean {
  const known = stored.get(userId);
  if (known === undefined ? isFollowedAsAWhole({ stored }) : known.followedBy === 'action') return false;
  if (quiet.has(userId)) return true;
  const last = view.lastPositions.get(userId);
  if (last === undefined) return known?.verdict !== null;
  return (known?.verdict ?? null) !== null && last <= (known?.judgedThrough ?? 0n);
}

/** Change of one set's row. */
interface SetChange {
  readonly userId: string;
  readonly judgement: Judgement | null;
  readonly before: string | null;
  readonly judgedThrough: bigint;
  /** True where the verdict or its breaks differ from before: an earlier resolution resolved something else. */
  readonly isChanged: boolean;
  /**
   * True where the flow learns of the change from its own judging, or where there is no flow; dispatch notifies the
   * others.
   */
  readonly isNotified: boolean;
  readonly unreachable: boolean;
  readonly turnedIntoBreak: boolean;
}

function changeOf(state: JudgingState, userId: string): SetChange | null {
  const { view, stored, quiet } = state;
  const known = stored.get(userId);
  const judgement = judgementOf(state, userId);
  if (known === undefined && judgement === null) return null;
  const isOwn = quiet.has(userId);
  const isChanged = isChangedFrom(known, judgement);
  const before = view.before.get(userId) ?? null;
  const judgedThrough = view.lastPositions.get(userId) ?? known?.judgedThrough ?? 0n;
  const showsSame =
    known?.before === before &&
    isDeepStrictEqual(known.expectedNew, judgement?.expectedNew ?? {}) &&
    isDeepStrictEqual(known.unverified, judgement?.unknown ?? []) &&
    isDeepStrictEqual(known.heldEvents, judgement?.held ?? []);
  if (!isOwn && !isChanged && showsSame && judgedThrough === known.judgedThrough) return null;
  return {
    userId,
    judgement,
    before,
    judgedThrough,
    isChanged,
    isNotified: isOwn || judgedThrough === 0n,
    unreachable: isUnreachable(state, userId),
    turnedIntoBreak: isChanged && judgement?.verdict === 'break' && known?.verdict !== 'break',
  };
}

/** Judgement to write: a break is unverified while lost movements may still come. */
function judgementOf(state: JudgingState, userId: string): Judgement | null {
  const judgement = state.judgements.get(userId) ?? null;
  return isUnreachable(state, userId) ? doubted(judgement) : judgement;
}

/** True while the partner cannot list lost movements: a break may be a movement on its way. */
function isUnreachable({ stored, quiet }: JudgingState, userId: string): boolean {
  const own = quiet.get(userId);
  if (own !== undefined) return own.asked === 'unreachable';
  return stored.get(userId)?.unreachable === true;
}

function isChangedFrom(known: StoredSet | undefined, judgement: Judgement | null): boolean {
  return known?.verdict !== (judgement?.verdict ?? null) || !isDeepStrictEqual(known.breaks, judgement?.breaks ?? []);
}

/** Rows for holders without any movement. */
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

/** Update of every changed set in one statement, however many holders there are. */
async function writeSets(
  transaction: Transaction<Tables>,
  { partner, id }: CorporateActionKey,
  changes: readonly SetChange[],
): Promise<void> {
  if (changes.length === 0) return;
  await sql`
    UPDATE transaction_sets AS sets SET verdict = input.verdict, breaks = input.breaks::jsonb, before = input.before,
      expected_new = input.expected_new::jsonb, judged_through = input.judged_through, judged_at = now(),
      resolution = CASE WHEN input.is_changed THEN NULL ELSE sets.resolution END,
      version = sets.version + input.is_changed::int,
      unreachable = input.unreachable, unverified = input.unverified::jsonb,
      held_events = ARRAY(SELECT jsonb_array_elements_text(input.held::jsonb)),
      needs_word = NOT ${STANDS},
      told_version = CASE WHEN input.is_notified THEN sets.version + input.is_changed::int ELSE sets.told_version END
    FROM unnest(${changes.map(({ userId }) => userId)}::text[],
      ${changes.map(({ judgement }) => judgement?.verdict ?? null)}::text[],
      ${changes.map(({ judgement }) => JSON.stringify(judgement?.breaks ?? []))}::text[],
      ${changes.map(({ before }) => before)}::numeric[],
      ${changes.map(({ judgement }) => JSON.stringify(judgement?.expectedNew ?? {}))}::text[],
      ${changes.map(({ judgedThrough }) => judgedThrough.toString())}::bigint[],
      ${changes.map(({ isChanged }) => isChanged)}::boolean[], ${changes.map(({ isNotified }) => isNotified)}::boolean[],
      ${changes.map(({ unreachable }) => unreachable)}::boolean[],
      ${changes.map(({ judgement }) => JSON.stringify(judgement?.unknown ?? []))}::text[],
      ${changes.map(({ judgement }) => JSON.stringify(judgement?.held ?? []))}::text[])
      AS input (user_id, verdict, breaks, before, expected_new, judged_through, is_changed, is_notified, unreachable,
        unverified, held)
    WHERE sets.partner = ${partner} AND sets.corporate_action_id = ${id} AND sets.user_id = input.user_id`.execute(
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
      new_instruments = ${[...newInstruments]}::text[], ratios = ${JSON.stringify(ratios)}::jsonb, started_at = found.start
    FROM (SELECT ${startOf({ partner, id })} AS start) AS found
    WHERE partner = ${partner} AND id = ${id}
      AND (old_instrument, new_instruments, ratios, started_at) IS DISTINCT FROM
          (${oldInstrument}::text, ${[...newInstruments]}::text[], ${JSON.stringify(ratios)}::jsonb, found.start)`.execute(
    transaction,
  );
}

const DAY_MS = 86_400_000;

/**
 * Start of the time to ask the partner for: the day before the first movement was credited. Whole days, so that many
 * flows ask the same question.
 */
function askFrom({ firstCreditedAt }: LedgerView): string {
  const firstMs = firstCreditedAt === null ? Date.now() : Date.parse(firstCreditedAt);
  return new Date(Math.floor(firstMs / DAY_MS - 1) * DAY_MS).toISOString();
}

/** Cause of one alert for all sets that turned into breaks. */
function causesOf({ partner, id }: CorporateActionKey, changes: readonly SetChange[]): readonly AlertCause[] {
  if (!changes.some(({ turnedIntoBreak }) => turnedIntoBreak)) return [];
  return [{ partner, finding: 'break', example: `${partner}:corporate-action:${id}` }];
}

/**
 * Judgement of one corporate action, as the last step of its transaction, with the alerts that it causes; results by
 * user.
 */
export async function judgeSetsWithin(
  transaction: Transaction<Tables>,
  action: CorporateActionKey,
  quiet: readonly QuietSet[],
  options: JudgingOptions,
): Promise<ReadonlyMap<string, Judged>> {
  const { judged, causes } = await judgeWithoutAlerts(transaction, action, quiet, options);
  await raiseAlerts(transaction, causes, options.alertWindowMs);
  return judged;
}

/**
 * Judgement of every set of a corporate action whose quiet period has ended, after a change of something it rests on. Those
 * that its own flow follows are judged by it, which is given the news.
 */
export async function judgeSets(
  database: Kysely<Tables>,
  action: { readonly partner: Partner; readonly id: string },
  options: JudgingOptions,
): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    const { causes } = await judgeWithoutAlerts(transaction, action, [], options);
    await noteNews(transaction, [action], { ...ONLY_LOOK, rejudge: true, isUrgent: true });
    await raiseAlerts(transaction, causes, options.alertWindowMs);
  });
}

/** Judgement anew of the sets that holders' flows follow; what is new from now on is judged after it. */
export async function rejudgeHolders(
  database: Kysely<Tables>,
  action: CorporateActionKey,
  options: JudgingOptions,
): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    await markHoldersRejudged(transaction, action);
    await judgeSetsWithin(transaction, action, [], options);
  });
}
