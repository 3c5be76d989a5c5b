import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import { createFlowStarter, type FlowStarter } from '../src/temporal/flow-client';
import type { LifecycleTable } from '../src/domain/lifecycles/table';
import { coinifyTrade } from '../src/partners/coinify/lifecycles/trade';
import { tradevestOrder } from '../src/partners/tradevest/lifecycles/order';
import { type PartnerReader, ReadFailure } from '../src/partners/reading';
import { createPolicies, DEFAULT_POLICY_SETTINGS } from '../src/config/policy';
import { perSecond } from './drive';
import { type FlowServers, notification, openFlowServers } from './flow-servers';
import { summarise, type Summary } from './summary';

/** Number of flows a round; three rounds are more than 2,000 flows beside the partner that hangs. */
const FLOWS = 700;
const CALLERS = 16;
const ROUNDS = 3;
/**
 * Number of hanging flows: more than the partner's reads that may run at once, so that its slots are full all the
 * time.
 */
const HANGING_FLOWS = 200;
const HANGS_MS = 10_000;

/** Reader of a partner that accepts a connection and never answers: the read is cut off after its whole time. */
const hanging: PartnerReader = {
  async read() {
    await delay(HANGS_MS, undefined, { ref: false });
    throw new ReadFailure('timeout', 'no answer');
  },
};

const well: PartnerReader = {
  read: () =>
    Promise.resolve({
      kind: 'object',
      status: 'completed',
      executions: [],
      quantityExecuted: null,
      reason: null,
    }),
};

async function start(flows: FlowStarter, table: LifecycleTable, words: readonly string[]): Promise<string> {
  const id = randomUUID();
  const policy = createPolicies(DEFAULT_POLICY_SETTINGS, 1).policyOf(table);
  const address = { key: { partner: table.partner, object: table.object, id }, table, policy, stored: null };
  for (const word of words) await flows.signalWithStart(address, notification(randomUUID(), word));
  return `${table.partner}:${table.object}:${id}`;
}

async function measure(servers: FlowServers, flows: FlowStarter): Promise<number> {
  return perSecond(FLOWS, CALLERS, async () => {
    const workflowId = await start(flows, coinifyTrade, ['created', 'transfer-in-completed', 'completed']);
    await servers.client.workflow.getHandle(workflowId).result();
  });
}

async function hang(flows: FlowStarter): Promise<void> {
  for (let count = 0; count < HANGING_FLOWS; count += 1) await start(flows, tradevestOrder, ['SETTLED']);
}

/** End of the hanging flows, so that the next round without them is really without. */
async function endHanging({ client }: FlowServers): Promise<void> {
  const query = 'WorkflowId STARTS_WITH "tradevest:" AND ExecutionStatus = "Running"';
  for await (const { workflowId, runId } of client.workflow.list({ query })) {
    await client.workflow.getHandle(workflowId, runId).terminate('end of the round');
  }
  await delay(HANGS_MS);
}

/**
 * Flows per second of one partner while another hangs on every read (`ours`), beside the same without it (`alone`):
 * reads have a task queue per partner, so that the ratio has to stay near one.
 */
export async function benchIsolation(progress: (text: string) => void): Promise<Summary> {
  const servers = await openFlowServers();
  const results: Record<string, number[]> = { ours: [], alone: [] };
  try {
    const workers = await servers.workers({ tradevest: hanging, coinify: well });
    const running = workers.map((worker) => worker.run());
    const flows = createFlowStarter(servers.client, 'ours', 10_000);
    await measure(servers, flows);
    for (let round = 1; round <= ROUNDS; round += 1) {
      results.alone?.push(await measure(servers, flows));
      await hang(flows);
      results.ours?.push(await measure(servers, flows));
      await endHanging(servers);
      progress(`isolation: round ${round} of ${ROUNDS}`);
    }
    for (const worker of workers) worker.shutdown();
    await Promise.all(running);
  } finally {
    await servers.close();
  }
  return summarise('isolation', 'flows per second with 16 callers', results);
}
