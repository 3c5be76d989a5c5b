import { request } from 'undici';

import type { Place } from './place';

const MOST_FLOWS = 5;

/** Operators ask for reads of the flows that are due first. What is refused or fails is theirs to see: nothing may break. */
export async function operatorsAct({ database, operationsUrl, operationsToken }: Place): Promise<void> {
  const flows = await database.kysely
    .selectFrom('subjects')
    .select('workflow_id')
    .where('open', '=', true)
    .orderBy('due_at')
    .limit(MOST_FLOWS)
    .execute();
  await Promise.all(
    flows.map(async ({ workflow_id }) => {
      const answer = await request(`${operationsUrl}/operations/flows/${encodeURIComponent(workflow_id)}/refetch`, {
        method: 'POST',
        headers: { authorization: `Bearer ${operationsToken}`, 'content-type': 'application/json' },
        body: JSON.stringify({ reason: 'amid faults' }),
      });
      await answer.body.dump();
    }),
  );
}
