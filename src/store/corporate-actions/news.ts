import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely';

import { inLockOrder } from '../locking';
import type { Tables } from '../schema/tables';
import type { CorporateActionKey } from './load';
import { actionWorkflowIdOf } from './set-flows';

type Database = Kysely<Tables> | Transaction<Tables>;

/** The work that news make for the flow of a corporate action, beside the sets that say themselves that they changed. */
export interface NewsWork {
  /** True where every set is to be judged anew. */
  readonly rejudge: boolean;
  /** True where every set is to be counted anew as well: their instruments go by other names. */
  readonly recount: boolean;
  /** True where those that holders' flows follow are to be judged anew, too. */
  readonly rejudgeHolders: boolean;
  /** True where its flow is to look at once, also where it looks by itself in a while. */
  readonly isUrgent: boolean;
}

/** No more than to look at the sets that changed, once their quiet period is over. */
export const ONLY_LOOK: NewsWork = { rejudge: false, recount: false, rejudgeHolders: false, isUrgent: false };

/** To judge every set anew, whoever follows it, and at once: what they rest on has changed. */
export const JUDGE_ANEW: NewsWork = { rejudge: true, recount: false, rejudgeHolders: true, isUrgent: true };

/** News of corporate actions that all make the same work. */
export function noteNews(
  transaction: Database,
  actions: readonly CorporateActionKey[],
  work: NewsWork = ONLY_LOOK,
): Promise<void> {
  return noteAllNews(
    transaction,
    actions.map((action) => ({ action, work })),
  );
}

/** News of a corporate action. */
export interface ActionNews {
  readonly action: CorporateActionKey;
  readonly work: NewsWork;
}

/**
 * News of corporate actions, in the transaction of what is new. Their rows stay locked until it commits: a flow that
 * begins to look meanwhile waits, and then sees all of it. They are locked in one order: a transaction notes all its news
 * at once.
 */
export async function noteAllNews(transaction: Database, given: readonly ActionNews[]): Promise<void> {
  const news = inLockOrder(together(given), ({ action: { partner, id } }) => `${partner} ${id}`);
  if (news.length === 0) return;
  const flags = (flag: keyof NewsWork): boolean[] => news.map(({ work }) => work[flag]);
  await sql`
    INSERT INTO action_news AS news (partner, id, workflow_id, rejudge, recount, rejudge_holders)
    SELECT partner, id, workflow_id, rejudge, recount, rejudge_holders
    FROM unnest(${news.map(({ action }) => action.partner)}::text[], ${news.map(({ action }) => action.id)}::text[],
      ${news.map(({ action }) => actionWorkflowIdOf(action))}::text[], ${flags('rejudge')}::boolean[],
      ${flags('recount')}::boolean[], ${flags('rejudgeHolders')}::boolean[])
      WITH ORDINALITY AS input (partner, id, workflow_id, rejudge, recount, rejudge_holders, place) ORDER BY place
    ON CONFLICT (partner, id) DO UPDATE SET has_news = true, rejudge = news.rejudge OR excluded.rejudge,
      recount = news.recount OR excluded.recount, rejudge_holders = news.rejudge_holders OR excluded.rejudge_holders,
      woken_at = CASE WHEN excluded.workflow_id = ANY (${urgentOf(news)}::text[]) THEN NULL ELSE news.woken_at END`.execute(
    transaction,
  );
}

/** News of each corporate action once, with all the work that they make together. */
function together(given: readonly ActionNews[]): readonly ActionNews[] {
  const byName = new Map<string, ActionNews>();
  for (const { action, work } of given) {
    const name = `${action.partner} ${action.id}`;
    const known = byName.get(name)?.work ?? ONLY_LOOK;
    byName.set(name, {
      action,
      work: {
        rejudge: known.rejudge || work.rejudge,
        recount: known.recount || work.recount,
        rejudgeHolders: known.rejudgeHolders || work.rejudgeHolders,
        isUrgent: known.isUrgent || work.isUrgent,
      },
    });
  }
  return [...byName.values()];
}

function urgentOf(news: readonly ActionNews[]): readonly string[] {
  return news.flatMap(({ action, work }) => (work.isUrgent ? [actionWorkflowIdOf(action)] : []));
}

/** Answer to whether the partner could be asked for lost movements, as of a time of the database, ISO 8601 UTC. */
export interface PartnerAnswer {
  readonly result: 'reached' | 'unreachable';
  readonly at: string;
}

/**
 * The news of a corporate action, taken by its flow before it looks. While it looks nobody has to wake it: what comes
 * from now on it finds when it ends to look. What was to be judged or counted anew stands in the corporate action's row afterwards, and so does the partner's answer.
 */
export async function takeNews(
  database: Kysely<Tables>,
  { partner, id }: CorporateActionKey,
  answer: PartnerAnswer | null,
): Promise<void> {
  await sql`
    WITH before AS (
      SELECT rejudge, recount FROM action_news WHERE partner = ${partner} AND id = ${id} FOR UPDATE
    ), taken AS (
      UPDATE action_news SET has_news = false, rejudge = false, recount = false, woken_at = now(), notify_token = NULL,
        notify_after = NULL, notify_failures = 0
      FROM before WHERE partner = ${partner} AND id = ${id} RETURNING before.rejudge, before.recount
    )
    UPDATE corporate_actions SET conclusion = conclusion + 1, concluded_from = NULL,
      ground = ground + CASE WHEN taken.recount THEN 1 ELSE 0 END,
      counts = CASE WHEN taken.recount THEN jsonb_set(counts, '{instruments}', '{}') ELSE counts END
    FROM taken WHERE partner = ${partner} AND id = ${id} AND (taken.rejudge OR taken.recount)`.execute(database);
  if (answer === null) return;
  await sql`
    UPDATE corporate_actions SET asked = ${answer.result}, asked_at = ${answer.at}::timestamptz
    WHERE partner = ${partner} AND id = ${id}`.execute(database);
}

/**
 * The end of a look: true where news came meanwhile, so that the flow looks again. From now on it is woken for what comes,
 * unless it looks again by itself soon.
 */
export async function endLook(
  database: Database,
  { partner, id }: CorporateActionKey,
  looksAgain: boolean,
): Promise<boolean> {
  const { rows } = await sql<{ has_news: boolean }>`
    UPDATE action_news SET woken_at = CASE WHEN has_news OR ${looksAgain} THEN woken_at END
    WHERE partner = ${partner} AND id = ${id} RETURNING has_news`.execute(database);
  return rows[0]?.has_news ?? false;
}

/** Corporate action with news, leased to one process. */
export interface LeasedNews extends CorporateActionKey {
  /** True where sets that holders' flows follow are to be judged anew. */
  readonly rejudgeHolders: boolean;
  /** True where its own flow follows sets of it and has to be woken. */
  readonly isSleeping: boolean;
  readonly failures: number;
  readonly leaseToken: string;
}

/** A wake-up that brought nothing for so long was lost with its flow. */
const LOST = '1 hour';

/** Corporate actions with news whose flows nobody has woken, leased to the caller, those first that never failed. */
export async function claimNews(
  database: Kysely<Tables>,
  { leaseToken, leaseMs, limit }: { readonly leaseToken: string; readonly leaseMs: number; readonly limit: number },
): Promise<readonly LeasedNews[]> {
  const { rows } = await sql<LeasedNews>`
    UPDATE action_news n
    SET notify_token = ${leaseToken}::uuid, notify_after = now() + ${leaseMs} * interval '1 millisecond'
    FROM (
      SELECT partner, id, is_sleeping FROM action_news CROSS JOIN LATERAL (
        SELECT has_news AND (woken_at IS NULL OR woken_at < now() - ${LOST}::interval) AND EXISTS (
          SELECT FROM transaction_sets s
          WHERE s.partner = action_news.partner AND s.corporate_action_id = id AND s.followed_by = 'action'
        ) AS is_sleeping
      ) AS flow
      WHERE (has_news OR rejudge_holders) AND (is_sleeping OR rejudge_holders)
        AND (notify_after IS NULL OR notify_after <= now())
      ORDER BY notify_after NULLS FIRST LIMIT ${limit} FOR UPDATE OF action_news SKIP LOCKED
    ) AS next
    WHERE n.partner = next.partner AND n.id = next.id
    RETURNING n.partner, n.id, n.rejudge_holders AS "rejudgeHolders", n.notify_failures AS failures,
      n.notify_token AS "leaseToken", next.is_sleeping AS "isSleeping"`.execute(database);
  return rows;
}

/** Record that all is done that a lease was for, and its end; void once the flow has taken the news. */
export async function markWoken(database: Database, news: LeasedNews): Promise<void> {
  await sql`
    UPDATE action_news SET woken_at = CASE WHEN ${news.isSleeping} THEN now() ELSE woken_at END, notify_token = NULL,
      notify_after = NULL, notify_failures = 0
    WHERE ${isLeased(news)}`.execute(database);
}

/** End of a lease after a failure, or without a try: its flow is to be woken after a wait, in milliseconds. */
export async function releaseNews(
  database: Database,
  news: LeasedNews,
  { retryMs, failed }: { readonly retryMs: number; readonly failed: boolean },
): Promise<void> {
  await sql`
    UPDATE action_news SET notify_token = NULL, notify_after = now() + ${retryMs} * interval '1 millisecond',
      notify_failures = notify_failures + ${failed ? 1 : 0}
    WHERE ${isLeased(news)}`.execute(database);
}

/** News for those sets that flows of holders follow, after a conclusion by which they may have another verdict. */
export async function rejudgeThoseOfHolders(transaction: Database, { partner, id }: CorporateActionKey): Promise<void> {
  await sql`
    UPDATE action_news SET rejudge_holders = true WHERE partner = ${partner} AND id = ${id} AND EXISTS (
      SELECT FROM transaction_sets WHERE partner = ${partner} AND corporate_action_id = ${id} AND followed_by = 'holder'
        AND verdict IS NOT NULL)`.execute(transaction);
}

/** Record that the sets of holders' flows were judged anew, in the transaction that judged them. */
export async function markHoldersRejudged(transaction: Database, { partner, id }: CorporateActionKey): Promise<void> {
  await sql`UPDATE action_news SET rejudge_holders = false WHERE partner = ${partner} AND id = ${id}`.execute(
    transaction,
  );
}

function isLeased({ partner, id, leaseToken }: LeasedNews): RawBuilder<boolean> {
  return sql<boolean>`partner = ${partner} AND id = ${id} AND notify_token = ${leaseToken}::uuid`;
}

/** Corporate action whose flow goes by a workflow id, and what its rows say of it; null where no such flow is ours. */
export interface ActionFlowRow extends CorporateActionKey {
  /** True while its flow has to run: a set of it is open, or there are news. */
  readonly isOwed: boolean;
}

/** Rows of the flow of a whole corporate action, by its workflow id. */
export async function loadActionFlow(database: Database, workflowId: string): Promise<ActionFlowRow | null> {
  const { rows } = await sql<ActionFlowRow>`
    SELECT partner, id, has_news OR EXISTS (
      SELECT FROM subjects WHERE followed_in = action_news.workflow_id AND open) AS "isOwed"
    FROM action_news WHERE workflow_id = ${workflowId} AND EXISTS (
      SELECT FROM transaction_sets s
      WHERE s.partner = action_news.partner AND s.corporate_action_id = action_news.id AND s.followed_by = 'action')`.execute(
    database,
  );
  return rows[0] ?? null;
}

/** News for the flow of a corporate action whose last wake-up was lost with a run that is gone. */
export async function wakeAnew(database: Database, { partner, id }: CorporateActionKey): Promise<void> {
  await sql`
    UPDATE action_news SET has_news = true, woken_at = NULL, notify_token = NULL, notify_after = NULL
    WHERE partner = ${partner} AND id = ${id}`.execute(database);
}
