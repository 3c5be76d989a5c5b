import { createHash } from 'node:crypto';

import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { Kysely } from 'kysely';

import { policyUpdate } from '../../workflows/contract';
import { FOLLOWED_LIFECYCLES } from '../domain/lifecycle';
import type { Policies } from '../domain/lifecycles/rules';
import { mapConcurrently } from '../lib/concurrency';
import type { Partners } from '../partners/partners';
import { type MassItem, type MassResults, runMassWork } from '../store/mass-work';
import type { Tables } from '../store/schema/tables';
import { updateInTime } from '../temporal/updates';

/** Flows by what became of the policy that was sent to them. */
export type PolicyCounts = Readonly<Record<PolicyResult, number>>;

interface InForce {
  readonly partners: Partners;
  readonly policies: Policies;
}

type PolicyResult = 'refreshed' | 'ended' | 'failed';

/** Ids of the running flows in pages, of those that a visibility query of Temporal selects. */
export async function* runningFlows(client: Client, filter: string | undefined): AsyncGenerator<readonly string[]> {
  const types = FOLLOWED_LIFECYCLES.map((type) => `"${type}"`).join(', ');
  const running = `ExecutionStatus = "Running" AND WorkflowType IN (${types})`;
  const query = filter === undefined ? running : `${running} AND (${filter})`;
  let page: string[] = [];
  for await (const { workflowId } of client.workflow.list({ query, pageSize: PAGE_FLOWS })) {
    page.push(workflowId);
    if (page.length < PAGE_FLOWS) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

const PAGE_FLOWS = 1_000;
const FLOWS_AT_ONCE = 8;
/** Number of flows that a process takes at once. */
const TAKEN_AT_ONCE = 40;
const UPDATE_TIMEOUT_MS = 15_000;
/** The flow of a corporate action answers once all its sets have the policy: a hundred thousand take most of a minute. */
const MANY_SETS_TIMEOUT_MS = 180_000;

/**
 * Counts of flows that were sent the policy in force: their present waits are counted anew. Recorded in the audit. It
 * may be stopped anywhere; the same policy and filter again go on with the flows that are left, and two at once share
 * them.
 */
export async function applyPolicy(
  { client, database, ...inForce }: InForce & { readonly client: Client; readonly database: Kysely<Tables> },
  request: {
    readonly by: string;
    /** Recorded with the action. */
    readonly filter: string | undefined;
    readonly onFailed: (workflowId: string) => void;
    readonly onProgress: (words: string) => void;
    readonly onContinued: (words: string) => void;
  },
): Promise<PolicyCounts> {
  const { by, filter, onFailed, onProgress, onContinued } = request;
  const scope = JSON.stringify([fingerprintOf(inForce), filter ?? null]);
  const results = await runMassWork(
    database,
    { kind: 'policy', scope, by },
    {
      list: async (add) => {
        for await (const page of runningFlows(client, filter)) await add(page.map((item) => ({ item })));
      },
      pageItems: TAKEN_AT_ONCE,
      workOn: (page) => refreshPage(client, inForce, page, onFailed),
      actionOf: (counts) => {
        const details = { ...NONE, ...counts, ...(filter === undefined ? {} : { filter }) };
        return { action: 'policy', target: 'running flows', reason: null, details };
      },
      ...{ onProgress, onContinued },
    },
  );
  return { ...NONE, ...results };
}

const NONE: PolicyCounts = { refreshed: 0, ended: 0, failed: 0 };

/** Fingerprint of the policies in force: what was begun with others is something else. */
function fingerprintOf({ partners, policies }: InForce): string {
  const all = partners.modules.flatMap(({ lifecycles }) => lifecycles.map((table) => policies.policyOf(table)));
  return createHash('sha256').update(JSON.stringify(all)).digest('hex');
}

async function refreshPage(
  client: Client,
  inForce: InForce,
  page: readonly MassItem[],
  onFailed: (workflowId: string) => void,
): Promise<MassResults> {
  const results = await mapConcurrently(page, FLOWS_AT_ONCE, async ({ item: workflowId }) => {
    const result = await refresh(client, inForce, workflowId);
    if (result === 'failed') onFailed(workflowId);
    return result;
  });
  const count = (result: PolicyResult): number => results.filter((one) => one === result).length;
  return { refreshed: count('refreshed'), ended: count('ended'), failed: count('failed') };
}

async function refresh(client: Client, { partners, policies }: InForce, workflowId: string): Promise<PolicyResult> {
  const [partner = '', object = ''] = workflowId.split(':');
  const table = partners.lifecycleTableOf(partner, object);
  if (table === undefined) return 'failed';
  const handle = client.workflow.getHandle(workflowId);
  try {
    const send = (): Promise<unknown> => handle.executeUpdate(policyUpdate, { args: [policies.policyOf(table)] });
    await updateInTime(client, send, table.lifecycle === 'corporateAction' ? MANY_SETS_TIMEOUT_MS : UPDATE_TIMEOUT_MS);
    return 'refreshed';
  } catch (error) {
    return error instanceof WorkflowNotFoundError ? 'ended' : 'failed';
  }
}
