import { isGrpcServiceError, WorkflowNotFoundError } from '@temporalio/client';
import type { Client } from '@temporalio/client';

import { mapConcurrently } from '../lib/concurrency';
import { policyUpdate } from '../../workflows/contract';
import { isTemporalFailure } from '../temporal/errors';
import type { Configuration } from '../config/configuration';
import { FOLLOWED_LIFECYCLES } from '../domain/lifecycle';
import type { Policies } from '../domain/lifecycles/rules';
import { recordAction } from '../store/audit';
import { openTemporalClient } from '../temporal/client';
import { withStore } from './context';
import { EXIT, type ExitCode } from './exit-codes';
import { complain, counted, say } from './output';
import { whoami } from './whoami';

interface ApplyOptions {
  readonly filter?: string;
  readonly dryRun?: boolean;
}

const AT_ONCE = 8;
const UPDATE_TIMEOUT_MS = 15_000;
const PROGRESS_EVERY = 500;
const INVALID_ARGUMENT = 3;

type InForce = Pick<Configuration, 'partners' | 'policies'>;
type Applied = 'refreshed' | 'ended' | 'failed';

async function apply(client: Client, { partners, policies }: InForce, workflowId: string): Promise<Applied> {
  const [partner = '', object = ''] = workflowId.split(':');
  const table = partners.lifecycleTableOf(partner, object);
  if (table === undefined) return 'failed';
  try {
    const args: [ReturnType<Policies['policyOf']>] = [policies.policyOf(table)];
    const update = (): Promise<unknown> => client.workflow.getHandle(workflowId).executeUpdate(policyUpdate, { args });
    await client.withDeadline(Date.now() + UPDATE_TIMEOUT_MS, update);
    return 'refreshed';
  } catch (error) {
    return error instanceof WorkflowNotFoundError ? 'ended' : 'failed';
  }
}

/** The running flows among those that the filter names. */
async function runningFlows(client: Client, filter: string | undefined): Promise<readonly string[]> {
  const types = FOLLOWED_LIFECYCLES.map((type) => `"${type}"`).join(', ');
  const running = `ExecutionStatus = "Running" AND WorkflowType IN (${types})`;
  const query = filter === undefined ? running : `${running} AND (${filter})`;
  const ids: string[] = [];
  for await (const { workflowId } of client.workflow.list({ query })) ids.push(workflowId);
  return ids;
}

async function applyAll(client: Client, inForce: InForce, ids: readonly string[]): Promise<Record<Applied, number>> {
  const counts = { refreshed: 0, ended: 0, failed: 0 };
  await mapConcurrently(ids, AT_ONCE, async (id) => {
    const applied = await apply(client, inForce, id);
    counts[applied] += 1;
    if (applied === 'failed') complain(`${id} did not take it: does a worker run?`);
    const done = counts.refreshed + counts.ended + counts.failed;
    if (done % PROGRESS_EVERY === 0) complain(`${done} of ${ids.length}`);
  });
  return counts;
}

function isRefusedQuery(error: unknown): boolean {
  const cause = error instanceof Error && !isGrpcServiceError(error) ? error.cause : error;
  return isGrpcServiceError(cause) && [INVALID_ARGUMENT].includes(cause.code);
}

/** `partnerflow policy apply`: running flows take over the policy in force; their present waits are counted anew. */
export async function policyApply({ filter, dryRun }: ApplyOptions): Promise<ExitCode> {
  return withStore(async ({ configuration, database }) => {
    const temporal = openTemporalClient(configuration);
    try {
      const ids = await runningFlows(temporal.client, filter);
      if (dryRun === true) {
        for (const id of ids) say(id);
        complain(`${counted(ids.length, 'flow', 'flows')} would be refreshed.`);
        return EXIT.done;
      }
      const { refreshed, ended, failed } = await applyAll(temporal.client, configuration, ids);
      const details = { refreshed, ended, failed, ...(filter === undefined ? {} : { filter }) };
      await recordAction(database, { by: whoami(), action: 'policy', target: 'running flows', reason: null, details });
      say(
        `${counted(refreshed, 'flow has', 'flows have')} the policy in force; ${ended} ended meanwhile, ${failed} failed.`,
      );
      return failed > 0 ? EXIT.found : EXIT.done;
    } catch (error) {
      if (isRefusedQuery(error)) {
        complain('--filter: expected a visibility query of Temporal, such as WorkflowType = "order"');
        return EXIT.wrongUse;
      }
      if (!isTemporalFailure(error)) throw error;
      complain(`Temporal is away at ${configuration.temporal.connection.address ?? 'its default address'}.`);
      return EXIT.away;
    } finally {
      await temporal.close();
    }
  });
}
