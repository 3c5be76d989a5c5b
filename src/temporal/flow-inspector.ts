import { type Client, isGrpcServiceError, WorkflowNotFoundError } from '@temporalio/client';

import { type FlowKnowledge, knowledgeQuery } from '../../workflows/contract';
import { FOLLOWED_LIFECYCLES } from '../domain/lifecycle';
import type { Answer, EndedRun, RunStatus } from '../domain/reconcile';
import type { ListedRun } from '../store/flows/reconcile';

/** Deadline of one call to Temporal. */
const CALL_TIMEOUT_MS = 5_000;
const QUERY_TIMEOUT_MS = 5_000;
const LISTED_AT_ONCE = 1_000;
const YOUNG_MS = 10_000;
/** So many flows in a row that no worker answers for are enough: asking a hundred thousand more would take days. */
const MOST_UNANSWERED = 3;

const RUN_STATUSES: Readonly<Record<string, RunStatus>> = {
  RUNNING: 'running',
  // An operator has paused it: it goes on once it is unpaused.
  PAUSED: 'running',
  // The next run is on its way.
  CONTINUED_AS_NEW: 'running',
  COMPLETED: 'completed',
  TERMINATED: 'terminated',
  CANCELLED: 'canceled',
  FAILED: 'failed',
  TIMED_OUT: 'timed-out',
};

/** The newest run of a flow as Temporal knows it. */
export interface NewestRun {
  readonly status: RunStatus;
  readonly runId: string | null;
  readonly isYoung: boolean;
}

/** Questions about flows to Temporal; every call has a deadline. Throws where Temporal is away. */
export interface FlowInspector {
  /** Runs in pages: the running ones, those that ended by no end of ours, and on demand those that completed. */
  list(withCompleted: boolean): AsyncIterable<readonly ListedRun[]>;
  newestRun(workflowId: string): Promise<NewestRun>;
  /** The end of a run; null for one that Temporal has forgotten, or that did not end by itself. */
  endOf(run: ListedRun): Promise<EndedRun | null>;
  /** True where the run writes nothing any more, because it has ended or Temporal has forgotten it. */
  isOver(workflowId: string, runId: string): Promise<boolean>;
  ask(workflowId: string): Promise<Answer>;
}

/** A word in a visibility query. */
function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

function queryOf(taskQueue: string, withCompleted: boolean): string {
  const statuses = ['Running', 'Terminated', 'Canceled', 'Failed', 'TimedOut', ...(withCompleted ? ['Completed'] : [])];
  return [
    `TaskQueue = ${quoted(taskQueue)}`,
    `WorkflowType IN (${FOLLOWED_LIFECYCLES.map(quoted).join(', ')})`,
    `ExecutionStatus IN (${statuses.map(quoted).join(', ')})`,
  ].join(' AND ');
}

async function* listRuns(client: Client, query: string): AsyncGenerator<readonly ListedRun[]> {
  let page: ListedRun[] = [];
  for await (const { workflowId, runId, status } of client.workflow.list({ query, pageSize: LISTED_AT_ONCE })) {
    page.push({ workflowId, runId, status: status.name });
    if (page.length < LISTED_AT_ONCE) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

const GONE: NewestRun = { status: 'gone', runId: null, isYoung: false };

/** gRPC code of a server that is away. */
const UNAVAILABLE = 14;

/** Throws where Temporal is away; a flow for which no worker answers is left out. */
function isUnanswered(error: unknown): boolean {
  const cause = error instanceof Error && !isGrpcServiceError(error) ? error.cause : error;
  return !isGrpcServiceError(cause) || ![UNAVAILABLE].includes(cause.code);
}

/** An inspector of flows through one client. */
export function createFlowInspector(client: Client, taskQueue: string): FlowInspector {
  let unanswered = 0;
  const within = <T>(timeoutMs: number, call: () => Promise<T>): Promise<T> =>
    client.withDeadline(Date.now() + timeoutMs, call);
  const describe = (workflowId: string, runId?: string) =>
    within(CALL_TIMEOUT_MS, () => client.workflow.getHandle(workflowId, runId).describe());
  return {
    list: (withCompleted) => listRuns(client, queryOf(taskQueue, withCompleted)),
    async newestRun(workflowId) {
      try {
        const { status, runId, startTime } = await describe(workflowId);
        const isYoung = Date.now() - startTime.getTime() < YOUNG_MS;
        return { status: RUN_STATUSES[status.name] ?? 'running', runId, isYoung };
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return GONE;
        throw error;
      }
    },
    async endOf({ workflowId, runId }) {
      try {
        const { status, raw } = await describe(workflowId, runId);
        const how = RUN_STATUSES[status.name] ?? 'running';
        if (how === 'running' || how === 'completed' || how === 'gone') return null;
        return { runId, how: (raw.workflowExtendedInfo?.resetRunId ?? '') === '' ? how : 'reset' };
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return null;
        throw error;
      }
    },
    async isOver(workflowId, runId) {
      try {
        const { name } = (await describe(workflowId, runId)).status;
        return name !== 'RUNNING' && name !== 'PAUSED';
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return true;
        throw error;
      }
    },
    async ask(workflowId) {
      if (unanswered >= MOST_UNANSWERED) return 'no worker';
      try {
        const query = (): Promise<FlowKnowledge> => client.workflow.getHandle(workflowId).query(knowledgeQuery);
        const answer = await within(QUERY_TIMEOUT_MS, query);
        unanswered = 0;
        return answer;
      } catch (error) {
        if (!isUnanswered(error)) throw error;
        unanswered += 1;
        return 'no worker';
      }
    },
  };
}
