import type { Kysely } from 'kysely';
import { v4 as uuidv4 } from 'uuid';

import {
  type Answer,
  differenceOf,
  judgeFlow,
  isToBeAsked,
  type OpenDelivery,
  type ObservedFlow,
  type Verdict,
} from '../domain/reconcile';
import {
  addRuns,
  countMissing,
  countUnfolded,
  countUnknown,
  createRunTables,
  type FlowRow,
  type ListedRun,
  loadFlowRow,
  repairDeliveries,
  noteBegun,
  noteReconciled,
  openDeliveriesOf,
  suspectFlows,
  suspectsAfter,
  isListedRun,
  RECONCILE,
  type RecordedRepair,
} from '../store/flows/reconcile';
import { mapConcurrently } from '../lib/concurrency';
import { loadActionFlow } from '../store/corporate-actions/news';
import { type MassItem, type MassResults, runMassWork } from '../store/mass-work';
import type { Tables } from '../store/schema/tables';
import type { FlowRepair, Repair } from './flow-repair';
import { reconcileAction } from './reconcile-action';
import type { ReconciledFlow } from './reconciled-flow';
import type { FlowInspector, NewestRun } from '../temporal/flow-inspector';

/** The counts of a reconciliation. */
export interface ReconcileSummary {
  readonly found: number;
  readonly mended: number;
  /** Running flows nobody could be asked about, because no worker answered. */
  readonly unanswered: number;
  /** Acknowledged deliveries that have no row any more. */
  readonly missing: number;
}

/** Options of a reconciliation, and listeners to its progress. */
export interface ReconcileOptions {
  readonly by: string;
  readonly dryRun: boolean;
  /** Also asks every running flow whether its row is the one it knows, and looks for completed ones without a row. */
  readonly everyFlow: boolean;
  readonly onFound: (flow: ReconciledFlow) => void;
  readonly onProgress: (words: string) => void;
  /** Notice that a reconciliation goes on that was begun before. */
  readonly onContinued: (words: string) => void;
}

interface Reconciliation {
  readonly database: Kysely<Tables>;
  readonly inspector: FlowInspector;
  readonly repair: FlowRepair;
  readonly options: ReconcileOptions;
}

const AT_ONCE = 8;
const PAGE_ROWS = 500;

interface Seen {
  readonly observed: ObservedFlow;
  readonly row: FlowRow | null;
}

/** A flow that gives another answer when it is asked again is left to the next reconciliation. */
const MOVING: Answer = null;

function isSame(first: Answer, second: Answer): boolean {
  const versionOf = (answer: Answer): number | null =>
    answer === null || answer === 'no worker' ? null : answer.version;
  return versionOf(first) === versionOf(second);
}

/**
 * The runs of these deliveries that are over; asked before the rows are read again. Of a flow that Temporal does not
 * know any more none goes on, and of its newest run it has just told.
 */
async function overRunsOf(
  inspector: FlowInspector,
  workflowId: string,
  newest: NewestRun,
  deliveries: readonly OpenDelivery[],
): Promise<readonly string[]> {
  const runIds = [...new Set(deliveries.flatMap(({ runId }) => runId ?? []))];
  const isKnownOver = (runId: string): boolean =>
    newest.status === 'gone' || (runId === newest.runId && newest.status !== 'running');
  const over = await Promise.all(
    runIds.map(async (runId) => isKnownOver(runId) || (await inspector.isOver(workflowId, runId))),
  );
  return runIds.filter((_, index) => over[index] === true);
}

/**
 * Looks at both sides of one flow. Temporal first, the rows after it: a flow that ends meanwhile has written its row
 * before it ended, so that what is still open in the row then is open for good.
 */
async function look(
  { database, inspector, options }: Reconciliation,
  workflowId: string,
  listed: readonly ListedRun[],
): Promise<Seen> {
  const newest = await inspector.newestRun(workflowId);
  const ends = await Promise.all(listed.map((run) => inspector.endOf(run)));
  const endedRuns = ends.flatMap((end) => (end === null ? [] : [end]));
  const row = await loadFlowRow(database, workflowId);
  const open = await openDeliveriesOf(database, workflowId);
  const before = { ...newest, endedRuns, overRuns: [], row, deliveries: open, answer: null };
  const isAsked = isToBeAsked(before, options.everyFlow);
  if (open.length === 0 && !isAsked) return { observed: before, row };
  const overRuns = await overRunsOf(inspector, workflowId, newest, open);
  const answer = isAsked ? await inspector.ask(workflowId) : null;
  const rowAfter = await loadFlowRow(database, workflowId);
  const deliveries = await openDeliveriesOf(database, workflowId);
  const observed = { ...before, overRuns, row: rowAfter, deliveries, answer };
  // Between the question and the row the flow may have written: then it knows another version by now.
  const isUnsure = rowAfter !== null && differenceOf(observed) !== null;
  const again = isUnsure ? await inspector.ask(workflowId) : answer;
  return { observed: { ...observed, answer: isSame(answer, again) ? again : MOVING }, row: rowAfter };
}

/** Counts of deliveries by which the flow's own state differs from the rows. */
async function countsOf(
  { database }: Reconciliation,
  workflowId: string,
  { answer, endedRuns }: ObservedFlow,
): Promise<Pick<ReconciledFlow, 'unfolded' | 'unknown'>> {
  if (answer === null || answer === 'no worker') return { unfolded: 0, unknown: 0 };
  const reset = endedRuns.filter(({ how }) => how === 'reset');
  const counts = await Promise.all(reset.map(({ runId }) => countUnfolded(database, workflowId, runId, answer.folded)));
  const unfolded = counts.reduce((sum, count) => sum + count, 0);
  return { unfolded, unknown: await countUnknown(database, answer.folded) };
}

function mendingOf({ start, rewrite, again, abandoned, repeated }: Verdict): ReconciledFlow['mending'] {
  if (start) return 'start';
  if (rewrite) return 'rewrite';
  return again.length + abandoned.length + repeated.length > 0 ? 'deliveries' : 'nothing';
}

/**
 * Repair of a flow, with its record. Deliveries first: a flow that starts again must find them on their way. They and the
 * record are one transaction: a process that is killed leaves both or none.
 */
async function mend(
  { database, repair, options }: Reconciliation,
  { verdict, row, recorded, runIds }: RepairOfFlow,
): Promise<Repair> {
  const { workflowId } = recorded;
  const isAll = !verdict.start && !verdict.rewrite;
  await database.transaction().execute(async (transaction) => {
    await repairDeliveries(transaction, verdict);
    await (isAll ? noteReconciled(transaction, recorded, runIds) : noteBegun(transaction, recorded));
  });
  if (isAll) return { kind: 'mended' };
  const reason = `found ${verdict.finding} by reconcile`;
  const result = verdict.start
    ? await repair.startAgain(workflowId, row, { read: verdict.read })
    : await repair.rewrite(workflowId, row, { by: options.by, reason });
  if (result.kind === 'mended') await noteReconciled(database, recorded, runIds);
  return result;
}

interface RepairOfFlow {
  readonly verdict: Verdict;
  readonly row: FlowRow | null;
  readonly recorded: RecordedRepair;
  readonly runIds: readonly string[];
}

/** The runs that are recorded as reconciled; also the newest where it ended, or it would be found again next time. */
function namedRuns({ status, runId, endedRuns }: ObservedFlow): readonly string[] {
  const newest = status === 'running' || runId === null ? [] : [runId];
  return [...new Set([...endedRuns.map((run) => run.runId), ...newest])];
}

async function reconcileFlow(
  reconciliation: Reconciliation,
  workflowId: string,
  listed: readonly ListedRun[],
): Promise<'found' | 'mended' | 'unanswered' | 'well'> {
  const { database, options } = reconciliation;
  const action = await loadActionFlow(database, workflowId);
  if (action !== null) return reconcileAction(reconciliation, workflowId, action, listed);
  const { observed, row } = await look(reconciliation, workflowId, listed);
  const verdict = judgeFlow(observed);
  if (verdict === null) return observed.answer === 'no worker' ? 'unanswered' : 'well';
  const counts = await countsOf(reconciliation, workflowId, observed);
  const runIds = namedRuns(observed);
  const { again, abandoned, repeated, finding } = verdict;
  const deliveries = { again: again.length, abandoned: abandoned.length, repeated: repeated.length };
  const details = { mending: mendingOf(verdict), ...deliveries };
  const mending = options.dryRun
    ? null
    : await mend(reconciliation, {
        ...{ verdict, row, recorded: { by: options.by, workflowId, finding, details } },
        runIds: runIds.length > 0 ? runIds : [observed.runId ?? 'none'],
      });
  options.onFound({
    ...{ workflowId, finding, deliveries, ...counts },
    runId: runIds[0] ?? observed.runId,
    mending: mendingOf(verdict),
    mended: mending === null ? null : mending.kind === 'mended',
    failure: mending?.kind === 'failed' ? mending.failure : null,
  });
  return mending?.kind === 'mended' ? 'mended' : 'found';
}

/**
 * Lists the flows to be inspected. Temporal's listing is compared with the rows inside the database, in temporary
 * tables of one connection; what is found there is written down as work.
 */
async function listSuspects(
  { database, inspector, options }: Reconciliation,
  add: (page: readonly MassItem[]) => Promise<void>,
): Promise<void> {
  await database.connection().execute(async (own) => {
    await createRunTables(own);
    let listed = 0;
    for await (const page of inspector.list(options.everyFlow)) {
      await addRuns(own, page);
      listed += page.length;
      options.onProgress(`${listed} runs listed`);
    }
    await suspectFlows(own, options.everyFlow);
    for (let after = ''; ;) {
      const page = await suspectsAfter(own, after, PAGE_ROWS);
      const last = page.at(-1);
      if (last === undefined) return;
      after = last.workflowId;
      await add(page.map(({ workflowId, runs }) => ({ item: workflowId, details: runs })));
    }
  });
}

/** The results of a page of suspected flows. */
async function reconcilePage(reconciliation: Reconciliation, page: readonly MassItem[]): Promise<MassResults> {
  const results = await mapConcurrently(page, AT_ONCE, ({ item, details }) =>
    reconcileFlow(reconciliation, item, Array.isArray(details) ? details.filter(isListedRun) : []),
  );
  const count = (result: string): number => results.filter((one) => one === result).length;
  return { found: count('found'), mended: count('mended'), unanswered: count('unanswered') };
}

/** Number of flows that a process takes at once. */
const TAKEN_AT_ONCE = 40;

/**
 * The comparison of Temporal's flows with the rows of the store: each flow that is wrong is named, and repaired where
 * that is safe. Each suspicion is confirmed by asking Temporal for that very flow, because its listing lags behind.
 * It may be interrupted anywhere: the next one goes on with what is left. Two at the same time share the work, and
 * each names what it finds; the summary is that of both.
 */
export async function reconcile(
  database: Kysely<Tables>,
  parts: { readonly inspector: FlowInspector; readonly repair: FlowRepair },
  options: ReconcileOptions,
): Promise<ReconcileSummary> {
  const reconciliation = { database, ...parts, options };
  const request = { kind: RECONCILE, scope: scopeOf(options), by: options.by };
  const {
    found = 0,
    mended = 0,
    unanswered = 0,
  } = await runMassWork(database, request, {
    list: (add) => listSuspects(reconciliation, add),
    pageItems: TAKEN_AT_ONCE,
    workOn: (page) => reconcilePage(reconciliation, page),
    onProgress: (words) => options.onProgress(`${words} flows`),
    onContinued: options.onContinued,
    actionOf: () => null,
  });
  return { found: found + mended, mended, unanswered, missing: await countMissing(database) };
}

/** The flows that are compared; a dry run is one by itself, because it shows all that it finds. */
function scopeOf({ everyFlow, dryRun }: ReconcileOptions): string {
  const flows = everyFlow ? 'every flow' : 'suspected flows';
  return dryRun ? `${flows}, dry run ${uuidv4()}` : flows;
}
