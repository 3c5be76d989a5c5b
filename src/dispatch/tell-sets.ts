import type { Kysely } from 'kysely';

import { lifecycleTableOf } from '../domain/lifecycles';
import { type SubjectKey, workflowIdOf } from '../domain/notification';
import type { Policies } from '../domain/rules';
import { loadStanding, markTold, untoldSets, type UntoldSet } from '../store/set-standing';
import { loadSubjects } from '../store/subjects';
import type { Tables } from '../store/tables';
import type { FlowStarter } from './flow-starter';

const MOST_AT_ONCE = 100;

interface Telling {
  readonly database: Kysely<Tables>;
  readonly flows: FlowStarter;
  readonly policies: Policies;
}

async function tell({ database, flows, policies }: Telling, set: UntoldSet): Promise<void> {
  const { partner, id, userId, version } = set;
  const key: SubjectKey = { partner, object: 'corporate-action', id: `${id}:${userId}` };
  const table = lifecycleTableOf(partner, key.object);
  if (table === undefined) return;
  const workflowId = workflowIdOf(key);
  const stored = (await loadSubjects(database, [workflowId])).get(workflowId) ?? null;
  const standing = await loadStanding(database, { partner, id }, userId);
  await flows.signalWithStart(
    { key, table, policy: policies.policyOf(table), stored },
    {
      lifecycle: 'corporateAction',
      event: 'standing',
      news: { kind: 'standing', standing },
      deliveryId: `standing:${version}`,
      receivedAt: new Date().toISOString(),
      contradictsEarlier: false,
    },
  );
  await markTold(database, set);
}

/**
 * Tells flows what changed of their sets without a webhook: another holder's set moved the ratio, a holding was
 * imported, money was passed on. Told at least once; a flow takes no standing twice. Answers how many were told.
 */
export async function tellSets(telling: Telling): Promise<number> {
  const untold = await untoldSets(telling.database, MOST_AT_ONCE);
  for (const set of untold) await tell(telling, set);
  return untold.length;
}
