import { createFlowRepair } from '../operator/flow-repair';
import { createFlowInspector } from '../temporal/flow-inspector';
import { createFlowStarter } from '../temporal/flow-client';
import { reconcile as reconcileAll, type ReconcileSummary } from '../operator/reconcile';
import type { ReconciledFlow } from '../operator/reconciled-flow';
import { isTemporalFailure, failureCode } from '../temporal/errors';
import type { ReconcileFinding } from '../domain/reconcile';
import { type OperatorContext, withStore } from './context';
import { EXIT, type ExitCode, exitWith } from './exit-codes';
import { complain, counted, createProgress, say } from './output';
import { withTemporal } from './temporal';
import { whoami } from './whoami';

interface ReconcileOptions {
  readonly dryRun?: boolean;
  readonly everyFlow?: boolean;
  readonly json?: boolean;
}

const CALL_TIMEOUT_MS = 10_000;
/** Holding a hundred thousand flows against as many rows is more than a listing. */
const QUERY_TIMEOUT_MS = 120_000;

/** One holds the tables of Temporal's listing, the others read rows of flows. */
const CONNECTIONS = 5;

const FOUND: Readonly<Record<ReconcileFinding, string>> = {
  terminated: 'was terminated',
  canceled: 'was cancelled',
  failed: 'has failed',
  'timed-out': 'ran out of time',
  completed: 'has ended in Temporal while its row is open',
  gone: 'is not known to Temporal any more while its row is open',
  reset: 'was reset to an earlier point',
  'no-row': 'has no row',
  'row-behind': 'knows more than its row',
  'flow-behind': 'knows less than its row',
  'deliveries-lost': 'has left deliveries without an outcome',
};

const REPAIRS: Readonly<Record<ReconciledFlow['mending'], readonly [done: string, would: string]>> = {
  start: ['started again', 'would be started again'],
  rewrite: ['held against its row', 'would be held against its row'],
  deliveries: ['deliveries mended', 'deliveries would be mended'],
  nothing: ['nothing to mend', 'nothing to mend'],
};

function numbers({ deliveries, unfolded, unknown }: ReconciledFlow): string {
  const words: readonly (readonly [number, string])[] = [
    [deliveries.again, 'to dispatch again'],
    [deliveries.abandoned, 'abandoned, their bodies are gone'],
    [deliveries.repeated, 'known to it already'],
    [unfolded, 'outcomes stand in the row alone'],
    [unknown, 'folded that the database does not know'],
  ];
  const texts = words.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
  return texts.length === 0 ? '' : ` (deliveries: ${texts.join(', ')})`;
}

function sayFlow(flow: ReconciledFlow): void {
  const [done, would] = REPAIRS[flow.mending];
  const mended = flow.mended === null ? would : flow.mended ? done : `not mended: ${flow.failure ?? 'unknown'}`;
  say(`${flow.workflowId} ${FOUND[flow.finding]}: ${mended}${numbers(flow)}`);
}

/** Writes items as they are found: a listing of a hundred thousand is never held in memory. */
function createJsonListing(): { add(flow: ReconciledFlow): void; close(summary: ReconcileSummary): void } {
  let isFirst = true;
  return {
    add(flow) {
      say(`${isFirst ? '{"items":[' : ','}${JSON.stringify(flow)}`);
      isFirst = false;
    },
    close(summary) {
      say(`${isFirst ? '{"items":[' : ''}],"next":null,"summary":${JSON.stringify(summary)}}`);
    },
  };
}

function saySummary({ found, mended, missing }: ReconcileSummary, { dryRun }: ReconcileOptions): void {
  if (found === 0) say('Every flow has its row, and every row its flow.');
  else
    say(`${counted(found, 'flow', 'flows')} found, ${dryRun === true ? 'nothing was changed' : `${mended} mended`}.`);
  if (missing > 0)
    say(`${counted(missing, 'acknowledged delivery has', 'acknowledged deliveries have')} no row any more.`);
}

async function run({ configuration, database }: OperatorContext, options: ReconcileOptions): Promise<ExitCode> {
  return withTemporal(configuration, async (client) => {
    const { taskQueue, policies, partners } = configuration;
    const flows = createFlowStarter(client, taskQueue, CALL_TIMEOUT_MS);
    const parts = {
      inspector: createFlowInspector(client, taskQueue),
      repair: createFlowRepair({ database, flows, policies, partners, client }),
    };
    const listing = createJsonListing();
    const findings = new Set<ReconcileFinding>();
    try {
      const summary = await reconcileAll(database, parts, {
        by: whoami(),
        dryRun: options.dryRun === true,
        everyFlow: options.everyFlow === true,
        onProgress: createProgress(complain),
        onContinued: complain,
        onFound: (flow) => {
          findings.add(flow.finding);
          if (options.json === true) listing.add(flow);
          else sayFlow(flow);
        },
      });
      if (options.json === true) listing.close(summary);
      else saySummary(summary, options);
      return conclude(summary, findings, options);
    } catch (error) {
      if (!isTemporalFailure(error)) throw error;
      return exitWith(
        EXIT.away,
        `Temporal could not be asked (${failureCode(error)}); what was repaired stays, run it again.`,
      );
    }
  });
}

const RESTORED: readonly ReconcileFinding[] = ['completed', 'no-row', 'row-behind'];

function conclude(
  { found, missing, unanswered }: ReconcileSummary,
  findings: ReadonlySet<ReconcileFinding>,
  { everyFlow }: ReconcileOptions,
): ExitCode {
  if (RESTORED.some((finding) => findings.has(finding)) && everyFlow !== true)
    complain('This looks like a database set back to an older state: --every-flow asks all flows what they know.');
  if (unanswered > 0)
    complain(`${counted(unanswered, 'flow', 'flows')} could not be asked, no worker answered: run it again.`);
  if (found > 0 || missing > 0) return EXIT.found;
  return unanswered > 0 ? EXIT.away : EXIT.done;
}

/** `partnerflow reconcile`: flows that were terminated, reset or cancelled outside, rows without a flow and flows without a row. */
export async function reconcile(options: ReconcileOptions): Promise<ExitCode> {
  return withStore((context) => run(context, options), {
    queryTimeoutMs: QUERY_TIMEOUT_MS,
    poolSize: CONNECTIONS,
  });
}
