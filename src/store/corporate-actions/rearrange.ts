import { type Kysely, sql } from 'kysely';

import type { Rules } from '../../domain/lifecycles/rules';
import { underPolicy } from '../../domain/operator';
import { refusalCode } from '../database-errors';
import { databaseTime } from '../database-time';
import type { Tables } from '../schema/tables';
import type { CorporateActionKey } from './load';
import { loadSetFlows, setKeys, writeSetFlows } from './set-flows';
import { PAGE_SETS } from './set-rows';

/** Change of the wait of every set to the policy of the rules, counted from when it began; the number of sets. */
export async function rearrange(
  database: Kysely<Tables>,
  action: CorporateActionKey,
  { rules, onPage }: { readonly rules: Rules; readonly onPage: () => void },
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

/** A page of sets. Where PostgreSQL refuses one of them it keeps the wait that it has, and the others do not. */
async function rearrangePage(
  database: Kysely<Tables>,
  action: CorporateActionKey,
  rules: Rules,
  after: string,
): Promise<readonly string[]> {
  try {
    return await rearrangeSome(database, action, rules, { after, limit: PAGE_SETS });
  } catch (error) {
    if (refusalCode(error) === null) throw error;
  }
  const page: string[] = [];
  while (page.length < PAGE_SETS) {
    const selected: string[] = [];
    const next = { after: page.at(-1) ?? after, limit: 1 };
    await rearrangeSome(database, action, rules, next, selected).catch((error: unknown) => {
      if (refusalCode(error) === null || selected.length === 0) throw error;
    });
    if (selected.length === 0) return page;
    page.push(...selected);
  }
  return page;
}

/** Sets in one transaction; `selected` is told which they are, also where it fails. */
function rearrangeSome(
  database: Kysely<Tables>,
  action: CorporateActionKey,
  rules: Rules,
  { after, limit }: { readonly after: string; readonly limit: number },
  selected: string[] = [],
): Promise<readonly string[]> {
  const { partner, id } = action;
  return database.transaction().execute(async (transaction) => {
    const { rows } = await sql<{ userId: string }>`
      SELECT user_id AS "userId" FROM transaction_sets
      WHERE partner = ${partner} AND corporate_action_id = ${id} AND followed_by = 'action' AND look_at IS NOT NULL
        AND user_id > ${after} ORDER BY user_id LIMIT ${limit} FOR UPDATE SKIP LOCKED`.execute(transaction);
    const userIds = rows.map(({ userId }) => userId);
    selected.push(...userIds);
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
