import { type Kysely, sql } from 'kysely';

import type { Policies } from '../../src/domain/lifecycles/rules';
import { PARTNERS } from '../../src/partners';
import { takeNews } from '../../src/store/corporate-actions/news';
import { judgeRound, type Round } from '../../src/store/corporate-actions/round';
import { databaseTime } from '../../src/store/database-time';
import { newestPlace } from '../../src/store/deliveries/backlog';
import type { Tables } from '../../src/store/schema/tables';

/** One round over a corporate action, as if every quiet period were over and the partner had just been asked. */
export async function judgeNow(
  database: Kysely<Tables>,
  caId: string,
  policies: Policies,
  asked: 'reached' | 'unreachable' = 'reached',
): Promise<Round> {
  const action = { partner: 'bitpanda', id: caId };
  await sql`
    UPDATE transaction_sets SET look_at = now() WHERE corporate_action_id = ${caId} AND look_at > now()`.execute(
    database,
  );
  await takeNews(database, action, { result: asked, at: await databaseTime(database) });
  return judgeRound(database, action, await roundOptions(database, policies));
}

/** Options of a round under the policies. */
export async function roundOptions(database: Kysely<Tables>, policies: Policies) {
  const table = PARTNERS.lifecycleTableOf('bitpanda', 'corporate-action');
  if (table === undefined) throw new Error('no lifecycle');
  return {
    precisions: policies.precisions,
    alertWindowMs: policies.alertWindowMs,
    rules: { table, policy: policies.policyOf(table) },
    upTo: await newestPlace(database),
    onPage: () => undefined,
  };
}
