import { randomUUID } from 'node:crypto';

import type { Client } from '@temporalio/client';
import type * as worker from '@temporalio/worker';

import type * as policy from '../src/config/policy';
import type * as order from '../src/partners/tradevest/lifecycles/order';
import type * as flowClient from '../src/temporal/flow-client';
import { perSecond } from './drive';
import type * as flowServers from './flow-servers';

/** What of a checkout an order passes through. */
export type OrderParts = Pick<typeof flowServers, 'notification'> &
  Pick<typeof flowClient, 'createFlowStarter'> &
  Pick<typeof order, 'tradevestOrder'> &
  Pick<typeof policy, 'createPolicies' | 'DEFAULT_POLICY_SETTINGS'>;

/** What of a checkout serves orders, apart from the code of any other one. */
export type ServingParts = OrderParts &
  Pick<typeof flowServers, 'openFlowServers'> &
  Pick<typeof worker, 'Runtime' | 'DefaultLogger'>;

export const FLOWS = 120;
export const CALLERS = 8;
export const STATUSES = ['PLACED', 'FILLED', 'SETTLED'];

/** A partner whose every order is settled. */
export const SETTLED_READER = {
  read: () =>
    Promise.resolve({
      kind: 'object',
      status: 'SETTLED',
      executions: [],
      quantityExecuted: true,
      reason: null,
    } as const),
};

/** An order with three webhooks to its settled end. */
export function orderRun(client: Client, taskQueue: string, parts: OrderParts): () => Promise<void> {
  const { createFlowStarter, createPolicies, DEFAULT_POLICY_SETTINGS, notification, tradevestOrder: table } = parts;
  const flows = createFlowStarter(client, taskQueue, 10_000);
  const policyOfOrders = createPolicies(DEFAULT_POLICY_SETTINGS, 1).policyOf(table);
  return async () => {
    const key = { partner: 'tradevest', object: 'order', id: randomUUID() } as const;
    const address = { key, table, policy: policyOfOrders, stored: null };
    for (const word of STATUSES) await flows.signalWithStart(address, notification(randomUUID(), word));
    await client.workflow.getHandle(`tradevest:order:${key.id}`).result();
  };
}

/** Serves a checkout's orders in this process: measures flows per second at each message of its parent, until that goes. */
export async function serveOrders(parts: ServingParts): Promise<void> {
  parts.Runtime.install({ logger: new parts.DefaultLogger('ERROR') });
  const servers = await parts.openFlowServers();
  const workers = await servers.workers({ tradevest: SETTLED_READER });
  const running = workers.map((one) => one.run());
  const run = orderRun(servers.client, 'ours', parts);
  const measure = async (): Promise<void> => {
    process.send?.({ measured: await perSecond(FLOWS, CALLERS, run) });
  };
  process.on('message', () => void measure());
  process.once('disconnect', () => {
    for (const one of workers) one.shutdown();
    void Promise.all(running)
      .then(() => servers.close())
      .finally(() => process.exit(0));
  });
  // The first one warms up, and says that all is ready.
  await measure();
}
