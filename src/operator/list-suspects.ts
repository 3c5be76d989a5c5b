import type { Kysely } from 'kysely';

import { addRuns, createRunTables, suspectFlows, suspectsAfter } from '../store/flows/reconcile';
import type { MassItem } from '../store/mass-work';
import type { Tables } from '../store/schema/tables';
import type { FlowInspector } from '../temporal/flow-inspector';

const PAGE_ROWS = 500;

/**
 * Listing of the flows to be inspected. Temporal's listing is compared with the rows inside the database, in temporary
 * tables of one connection; what is found there is written down as work.
 */
export async function listSuspects(
  database: Kysely<Tables>,
  inspector: FlowInspector,
  { everyFlow, onProgress }: { readonly everyFlow: boolean; readonly onProgress: (words: string) => void },
  add: (page: readonly MassItem[]) => Promise<void>,
): Promise<void> {
  await database.connection().execute(async (own) => {
    await createRunTables(own);
    let listed = 0;
    for await (const page of inspector.list(everyFlow)) {
      await addRuns(own, page);
      listed += page.length;
      onProgress(`${listed} runs listed`);
    }
    await suspectFlows(own, everyFlow);
    for (let after = ''; ;) {
      const page = await suspectsAfter(own, after, PAGE_ROWS);
      const last = page.at(-1);
      if (last === undefined) return;
      after = last.workflowId;
      await add(page.map(({ workflowId, runs }) => ({ item: workflowId, details: runs })));
    }
  });
}
