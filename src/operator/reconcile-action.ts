import type { Kysely } from 'kysely';

import type { ActionFlowRow } from '../store/corporate-actions/news';
import { type ListedRun, noteBegun, noteReconciled } from '../store/flows/reconcile';
import type { Tables } from '../store/schema/tables';
import type { FlowInspector } from '../temporal/flow-inspector';
import type { FlowRepair, Repair } from './flow-repair';
import type { ReconciledFlow } from './reconciled-flow';

/** The things that a reconciliation needs. */
interface ActionReconciliation {
  readonly database: Kysely<Tables>;
  readonly inspector: FlowInspector;
  readonly repair: FlowRepair;
  readonly options: {
    readonly by: string;
    readonly dryRun: boolean;
    readonly onFound: (flow: ReconciledFlow) => void;
  };
}

/** The flow of a whole corporate action has no row to differ from: it has to run while a set is open, or there are news. */
export async function reconcileAction(
  { database, inspector, repair, options }: ActionReconciliation,
  workflowId: string,
  action: ActionFlowRow,
  listed: readonly ListedRun[],
): Promise<'found' | 'mended' | 'well'> {
  const { status, runId } = await inspector.newestRun(workflowId);
  const isMissed = status !== 'running' && action.isOwed;
  const ends = await Promise.all(listed.map((run) => inspector.endOf(run)));
  const ended = ends.findLast((end) => end !== null)?.how;
  const finding = isMissed ? status : ended;
  if (finding === undefined) return 'well';
  const deliveries = { again: 0, abandoned: 0, repeated: 0 };
  const details = { mending: isMissed ? 'start' : 'nothing', ...deliveries };
  const recorded = { by: options.by, workflowId, finding, details };
  const wake = async (): Promise<Repair> => {
    await noteBegun(database, recorded);
    return repair.wake(action);
  };
  const mending = options.dryRun ? null : isMissed ? await wake() : ({ kind: 'mended' } as const);
  options.onFound({
    ...{ workflowId, finding, runId, deliveries, unfolded: 0, unknown: 0 },
    mending: isMissed ? 'start' : 'nothing',
    mended: mending === null ? null : mending.kind === 'mended',
    failure: mending?.kind === 'failed' ? mending.failure : null,
  });
  if (mending?.kind !== 'mended') return 'found';
  const runIds = [...new Set([...listed.map((run) => run.runId), ...(isMissed && runId !== null ? [runId] : [])])];
  await noteReconciled(database, recorded, runIds);
  return 'mended';
}
