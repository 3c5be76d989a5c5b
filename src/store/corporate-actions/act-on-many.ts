import { type Kysely, sql, type Transaction } from 'kysely';

import { underPolicy } from '../../domain/operator';
import type { Rules } from '../../domain/lifecycles/rules';
import type { FlowAction } from '../../domain/subject-write';
import { databaseTime } from '../database-time';
import type { Tables } from '../schema/tables';
import { actWithin } from './act';
import type { CorporateActionKey } from './load';
import { loadSetFlows, setKeys, writeSetFlows } from './set-flows';
import { PAGE_SETS } from './set-rows';

/** Change of many sets: acts that are stored under a request, or, where that is null, another policy. */
export interface ChangeOfSets {
  readonly rules: Rules;
  readonly request: string | null;
  /** Told after each page, so that who waits knows that it goes on. */
  readonly onPage: () => void;
}

/** Change of many sets, in pages, each in a transaction of its own; the number of sets that were changed. */
export async function changeSets(
  database: Kysely<Tables>,
  action: CorporateActionKey,
  change: ChangeOfSets,
): Promise<number> {
  const { request } = change;
  return request === null ? rearrange(database, action, change) : doStored(database, action, change, request);
}

/** Acts of one transaction: each waits for its own set, and none is held for long. */
const ACTS_AT_ONCE = 50;

async function doStored(
  database: Kysely<Tables>,
  action: CorporateActionKey,
  { rules, onPage }: ChangeOfSets,
  request: string,
): Promise<number> {
  for (let total = 0; ;) {
    const done = await database.transaction().execute(async (transaction) => {
      const acts = await nextActs(transaction, action, request);
      for (const { userId, act } of acts) {
        const result = await actWithin(transaction, action, { rules, userId, act });
        await noteResult(transaction, action, { request, userId, result });
      }
      return acts.length;
    });
    onPage();
    total += done;
    if (done === 0) return total;
  }
}

async function nextActs(
  transaction: Transaction<Tables>,
  { partner, id }: CorporateActionKey,
  request: string,
): Promise<readonly { readonly userId: string; readonly act: FlowAction }[]> {
  const { rows } = await sql<{ userId: string; act: FlowAction }>`
    SELECT user_id AS "userId", act FROM set_acts
    WHERE request = ${request}::uuid AND partner = ${partner} AND corporate_action_id = ${id} AND result IS NULL
    ORDER BY user_id LIMIT ${ACTS_AT_ONCE} FOR UPDATE`.execute(transaction);
  return rows;
}

async function noteResult(
  transaction: Transaction<Tables>,
  { partner, id }: CorporateActionKey,
  { request, userId, result }: { readonly request: string; readonly userId: string; readonly result: string },
): Promise<void> {
  await sql`
    UPDATE set_acts SET result = ${result}
    WHERE request = ${request}::uuid AND partner = ${partner} AND corporate_action_id = ${id} AND user_id = ${userId}`.execute(
    transaction,
  );
}

/** The wait of every set under the policy of the rules, counted from when it began. */
async function rearrange(
  database: Kysely<Tables>,
  action: CorporateActionKey,
  { rules, onPage }: ChangeOfSets,
): Promise<number> {
  let total = 0;
  for (let after: string | null = ''; after !== null;) {
    const page: readonly string[] = await rearrangePage(database, action, rules, after);
    onPage();
    total += page.length;
    after = page.at(-1) ?? null;
  }
  return total;
}

async function rearrangePage(
  database: Kysely<Tables>,
  action: CorporateActionKey,
  rules: Rules,
  after: string,
): Promise<readonly string[]> {
  const { partner, id } = action;
  return database.transaction().execute(async (transaction) => {
    const { rows } = await sql<{ userId: string }>`
      SELECT user_id AS "userId" FROM transaction_sets
      WHERE partner = ${partner} AND corporate_action_id = ${id} AND followed_by = 'action' AND look_at IS NOT NULL
        AND user_id > ${after} ORDER BY user_id LIMIT ${PAGE_SETS} FOR UPDATE SKIP LOCKED`.execute(transaction);
    const userIds = rows.map(({ userId }) => userId);
    const flows = await loadSetFlows(transaction, rules, await setKeys(transaction, action, userIds));
    const now = await databaseTime(transaction);
    const settled = [...flows].filter(([, { moved }]) => moved === null);
    const arranged = settled.map(([userId, { workflowId, subject }]) => ({
      userId,
      workflowId,
      subject: underPolicy(rules, subject, now),
    }));
    await writeSetFlows(transaction, action, arranged);
    await sql`
      UPDATE transaction_sets SET look_at = input.look_at
      FROM unnest(${arranged.map(({ userId }) => userId)}::text[],
        ${arranged.map(({ subject }) => subject.read?.at ?? null)}::timestamptz[]) AS input (user_id, look_at)
      WHERE partner = ${partner} AND corporate_action_id = ${id} AND transaction_sets.user_id = input.user_id
        AND input.look_at IS NOT NULL`.execute(transaction);
    return userIds;
  });
}
