import { randomUUID } from 'node:crypto';

import { temporal } from '@temporalio/proto';
import { sql } from 'kysely';

import { createRunningCheck } from '../../src/operator/actions';
import type { ReconcileSummary } from '../../src/operator/reconcile';
import type { ReconciledFlow } from '../../src/operator/reconciled-flow';
import type { Reading } from '../../src/domain/reading';
import { type Balance, readBalance } from '../../src/store/stats/balance';
import { eventually } from '../support/eventually';
import { testServers } from '../support/servers';
import type { Harness } from '../workflows/harness';
import { partnerflow, type Ran } from '../support/partnerflow';

/** Runs the command line on the harness's servers. */
export function run(harness: Harness, ...words: readonly string[]): Promise<Ran> {
  return partnerflow(words, {
    DATABASE_URL: harness.databaseUrl,
    TEMPORAL_ADDRESS: testServers().temporalAddress,
    TEMPORAL_TASK_QUEUE: harness.taskQueue,
  });
}

interface Listing {
  readonly items: readonly ReconciledFlow[];
  readonly summary: ReconcileSummary;
}

/** Reconciles by the command line, as JSON. */
export async function reconcile(
  harness: Harness,
  ...words: readonly string[]
): Promise<Listing & { code: number | null }> {
  const { code, out, err } = await run(harness, 'reconcile', '--json', ...words);
  if (out === '') throw new Error(`reconcile ended with ${String(code)}: ${err}`);
  const listing: Listing = JSON.parse(out);
  return { ...listing, code };
}

/** What a read of an order shows. */
export function object(status: string): Reading {
  return { kind: 'object', status, executions: [], quantityExecuted: status === 'FILLED', reason: null };
}

export function flowOf(id: string): string {
  return `tradevest:order:${id}`;
}

/** Orders that are placed, followed and known as such. */
export async function place(harness: Harness, count: number): Promise<readonly string[]> {
  const ids = Array.from({ length: count }, () => randomUUID());
  for (const id of ids) {
    harness.objects.set(id, () => object('PLACED'));
    await harness.keep(id, 'PLACED');
  }
  await eventually(async () => {
    const rows = await harness.database.kysely.selectFrom('subjects').select('state').execute();
    expect(rows.map(({ state }) => state)).toEqual(ids.map(() => 'PLACED'));
  });
  return ids;
}

/** Sets a flow back to the first thing it did, as the Temporal Web UI does it, with or without the signals that came since. */
export async function reset(
  { client }: Pick<Harness, 'client'>,
  workflowId: string,
  withSignals: boolean,
): Promise<void> {
  const handle = client.workflow.getHandle(workflowId);
  const { events = [] } = await handle.fetchHistory();
  const completed = temporal.api.enums.v1.EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED;
  const first = (events ?? []).find(({ eventType }) => eventType === completed);
  await client.workflowService.resetWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId },
    reason: 'tried',
    requestId: randomUUID(),
    workflowTaskFinishEventId: first?.eventId ?? null,
    resetReapplyExcludeTypes: withSignals
      ? []
      : [temporal.api.enums.v1.ResetReapplyExcludeType.RESET_REAPPLY_EXCLUDE_TYPE_SIGNAL],
  });
}

/** Lets the balance ask for every delivery: it leaves those of the last seconds alone. */
export async function age({ database }: Harness): Promise<void> {
  await sql`UPDATE deliveries SET settled_at = settled_at - interval '1 minute' WHERE settled_at IS NOT NULL`.execute(
    database.kysely,
  );
}

export async function balance({ database, client }: Harness): Promise<Balance> {
  // The harness keeps deliveries without the receiver, which counts them.
  await sql`INSERT INTO counters (name, partner, slot, value) SELECT 'received', 'tradevest', 0, count(*) FROM deliveries
    ON CONFLICT (name, partner, slot) DO UPDATE SET value = excluded.value`.execute(database.kysely);
  return readBalance(database.kysely, createRunningCheck(client));
}

/** How many runs of the harness's flows Temporal's listing shows as they are; it lags behind. */
export async function listed({ client, taskQueue }: Harness, status: string): Promise<number> {
  const query = `TaskQueue = "${taskQueue}" AND ExecutionStatus = "${status}"`;
  return (await client.workflow.count(query)).count;
}

/** Every delivery has an outcome. */
export async function allTold({ database }: Harness): Promise<void> {
  await eventually(async () => {
    const open = await database.kysely
      .selectFrom('deliveries')
      .select(['id', 'status'])
      .where('outcome', 'is', null)
      .execute();
    expect(open).toEqual([]);
  }, 40_000);
}
