import { type Client, type HistoryAndWorkflowId, WorkflowNotFoundError } from '@temporalio/client';

import { FOLLOWED_LIFECYCLES } from '../domain/lifecycle';

/** Workflow types of flows, and of the sweeps that schedules start. */
const TYPES = [...FOLLOWED_LIFECYCLES, 'sweep'];

/** Visibility query of the open flows among those that the filter names. */
export function openFlowsQuery(filter: string | undefined): string {
  const types = TYPES.map((type) => `"${type}"`).join(', ');
  const running = `ExecutionStatus = "Running" AND WorkflowType IN (${types})`;
  return filter === undefined ? running : `${running} AND (${filter})`;
}

/** Open flows of the server, one page of the listing at a time. */
export interface OpenFlows {
  /** Approximate number; more may start and some may end while they are read. */
  count(): Promise<number>;
  /** Histories, few at a time; flows whose history has gone meanwhile are left out. */
  histories(): AsyncGenerator<HistoryAndWorkflowId>;
  /** True while a flow is open; nothing will continue from the history of one that has ended since it was listed. */
  isOpen(workflowId: string): Promise<boolean>;
}

/**
 * Number of histories fetched ahead of the replay: enough to keep it busy, few enough to hold in memory (at most 50
 * MB each).
 */
const FETCHED_AHEAD = 4;

/** Open flows of a server. Errors are those of the client: a bad query, a server that is away. */
export function createOpenFlows(client: Client, filter: string | undefined): OpenFlows {
  const query = openFlowsQuery(filter);
  return {
    count: async () => (await within(client, () => client.workflow.count(query))).count,
    async *histories() {
      const ahead: Promise<HistoryAndWorkflowId | null>[] = [];
      for await (const flow of client.workflow.list({ query })) {
        const fetching = fetchHistory(client, flow);
        // It is awaited below; a failure before that must not count as unhandled.
        fetching.catch(() => undefined);
        ahead.push(fetching);
        if (ahead.length < FETCHED_AHEAD) continue;
        const fetched = await ahead.shift();
        if (fetched !== null && fetched !== undefined) yield fetched;
      }
      for (const fetching of ahead) {
        const fetched = await fetching;
        if (fetched !== null) yield fetched;
      }
    },
    async isOpen(workflowId) {
      const handle = client.workflow.getHandle(workflowId);
      const described = await unlessGone(within(client, () => handle.describe()));
      return described?.status.name === 'RUNNING';
    },
  };
}

const CALL_TIMEOUT_MS = 30_000;

function within<T>(client: Client, call: () => Promise<T>): Promise<T> {
  return client.withDeadline(Date.now() + CALL_TIMEOUT_MS, call);
}

interface OpenFlow {
  readonly workflowId: string;
  readonly runId: string;
}

async function fetchHistory(client: Client, { workflowId, runId }: OpenFlow): Promise<HistoryAndWorkflowId | null> {
  const handle = client.workflow.getHandle(workflowId, runId);
  const history = await unlessGone(within(client, () => handle.fetchHistory()));
  return history === null ? null : { workflowId, history };
}

/** Result of the call, or null where the flow is not known any more. */
async function unlessGone<T>(call: Promise<T>): Promise<T | null> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}
