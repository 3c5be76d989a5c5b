import { type Kysely, sql, type Transaction } from 'kysely';

import type { Rules } from '../../domain/lifecycles/rules';
import type { FlowAction } from '../../domain/subject-write';
import { refusalCode } from '../database-errors';
import type { StoredActResult } from '../schema/ledger-tables';
import type { Tables } from '../schema/tables';
import { actWithin } from './act';
import type { CorporateActionKey } from './load';
import { rearrange } from './rearrange';

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
  const acting: Acting = { action, rules, request };
  for (let total = 0; ;) {
    const done = await doSome(database, acting).catch((error: unknown) => {
      if (refusalCode(error) === null) throw error;
      return doOneByOne(database, acting);
    });
    onPage();
    total += done;
    if (done === 0) return total;
  }
}

interface Acting {
  readonly action: CorporateActionKey;
  readonly rules: Rules;
  readonly request: string;
}

/** Acts in one transaction; their number. `selected` is told which they are, also where it fails. */
function doSome(
  database: Kysely<Tables>,
  { action, rules, request }: Acting,
  limit = ACTS_AT_ONCE,
  selected: string[] = [],
): Promise<number> {
  return database.transaction().execute(async (transaction) => {
    const acts = await nextActs(transaction, action, { request, limit });
    selected.push(...acts.map(({ userId }) => userId));
    for (const { userId, act } of acts) {
      const result = await actWithin(transaction, action, { rules, userId, act });
      await noteResult(transaction, action, { request, userId, result });
    }
    return acts.length;
  });
}

/** Acts of which PostgreSQL refuses one: each in a transaction of its own, and the refused one is noted as such. */
async function doOneByOne(database: Kysely<Tables>, acting: Acting): Promise<number> {
  const { action, request } = acting;
  for (let count = 0; count < ACTS_AT_ONCE; count += 1) {
    const selected: string[] = [];
    const done = await doSome(database, acting, 1, selected).catch(async (error: unknown) => {
      const [userId] = selected;
      if (refusalCode(error) === null || userId === undefined) throw error;
      await noteResult(database, action, { request, userId, result: 'refused' });
      return 1;
    });
    if (done === 0) return count;
  }
  return ACTS_AT_ONCE;
}

async function nextActs(
  transaction: Transaction<Tables>,
  { partner, id }: CorporateActionKey,
  { request, limit }: { readonly request: string; readonly limit: number },
): Promise<readonly { readonly userId: string; readonly act: FlowAction }[]> {
  const { rows } = await sql<{ userId: string; act: FlowAction }>`
    SELECT user_id AS "userId", act FROM set_acts
    WHERE request = ${request}::uuid AND partner = ${partner} AND corporate_action_id = ${id} AND result IS NULL
    ORDER BY user_id LIMIT ${limit} FOR UPDATE`.execute(transaction);
  return rows;
}

async function noteResult(
  transaction: Kysely<Tables> | Transaction<Tables>,
  { partner, id }: CorporateActionKey,
  { request, userId, result }: { readonly request: string; readonly userId: string; readonly result: StoredActResult },
): Promise<void> {
  await sql`
    UPDATE set_acts SET result = ${result}
    WHERE request = ${request}::uuid AND partner = ${partner} AND corporate_action_id = ${id} AND user_id = ${userId}`.execute(
    transaction,
  );
}
