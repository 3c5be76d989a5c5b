import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { Kysely } from 'kysely';

import { policyUpdate } from '../../workflows/contract';
import { FOLLOWED_LIFECYCLES } from '../domain/lifecycle';
import type { Policies } from '../domain/lifecycles/rules';
import { mapConcurrently } from '../lib/concurrency';
import type { Partners } from '../partners/partners';
import { recordAction } from '../store/audit';
import type { Tables } from '../store/schema/tables';

/** Flows by what became of the policy that was sent to them. */
export type PolicyCounts = Readonly<Record<PolicyResult, number>>;

interface InForce {
  readonly partners: Partners;
  readonly policies: Policies;
}

type PolicyResult = 'refreshed' | 'ended' | 'failed';

/** Ids of the running flows, of those that a visibility query of Temporal selects. */
export async function runningFlows(client: Client, filter: string | undefined): Promise<readonly string[]> {
  const types = FOLLOWED_LIFECYCLES.map((type) => `"${type}"`).join(', ');
  const running = `ExecutionStatus = "Running" AND WorkflowType IN (${types})`;
  const query = filter === undefined ? running : `${running} AND (${filter})`;
  const ids: string[] = [];
  for await (const { workflowId } of client.workflow.list({ query })) ids.push(workflowId);
  return ids;
}

const FLOWS_AT_ONCE = 8;
const UPDATE_TIMEOUT_MS = 15_000;

/** Counts of flows that were sent the policy in force: their present waits are counted anew. Recorded in the audit. */
export async function applyPolicy(
  { client, database, ...inForce }: InForce & { readonly client: Client; readonly database: Kysely<Tables> },
  request: {
    readonly workflowIds: readonly string[];
    readonly by: string;
    /** Recorded with the action. */
    readonly filter: string | undefined;
    readonly onResult: (workflowId: string, result: PolicyResult) => void;
  },
): Promise<PolicyCounts> {
  const { workflowIds, by, filter, onResult } = request;
  const counts = { refreshed: 0, ended: 0, failed: 0 };
  await mapConcurrently(workflowIds, FLOWS_AT_ONCE, async (workflowId) => {
    const result = await refresh(client, inForce, workflowId);
    counts[result] += 1;
    onResult(workflowId, result);
  });
  const details = { ...counts, ...(filter === undefined ? {} : { filter }) };
  await recordAction(database, { by, action: 'policy', target: 'running flows', reason: null, details });
  return counts;
}

async function refresh(client: Client, { partners, policies }: InForce, workflowId: string): Promise<PolicyResult> {
  const [partner = '', object = ''] = workflowId.split(':');
  const table = partners.lifecycleTableOf(partner, object);
  if (table === undefined) return 'failed';
  const handle = client.workflow.getHandle(workflowId);
  try {
    await client.withDeadline(Date.now() + UPDATE_TIMEOUT_MS, () =>
      handle.executeUpdate(policyUpdate, { args: [policies.policyOf(table)] }),
    );
    return 'refreshed';
  } catch (error) {
    return error instanceof WorkflowNotFoundError ? 'ended' : 'failed';
  }
}
