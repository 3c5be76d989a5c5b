import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import { v4 as uuidv4 } from 'uuid';

import type { Policies } from '../domain/lifecycles/rules';
import type { Partners } from '../partners/partners';
import { rejudgeHolders } from '../store/corporate-actions/judge';
import { claimNews, type LeasedNews, markWoken, releaseNews } from '../store/corporate-actions/news';
import { actionWorkflowIdOf, OBJECT } from '../store/corporate-actions/set-flows';
import type { Tables } from '../store/schema/tables';
import { failureCode, failureOf, isTemporalFailure, refusalWaitMs } from '../temporal/errors';
import type { FlowStarter } from '../temporal/flow-client';

/** The servers and values with which flows of corporate actions are woken. */
export interface WakerDependencies {
  readonly database: Kysely<Tables>;
  readonly flows: FlowStarter;
  readonly policies: Policies;
  readonly partners: Partners;
  readonly logger: Logger;
}

/** The lease outlasts all signals of a round, were each of them to run into its deadline. */
const LEASE = { limit: 10, leaseMs: 60_000 };

/**
 * Wake-ups of the flows of corporate actions that have news, each once until it looks. Sets that flows of holders follow
 * are judged anew here, where the news ask for it: those flows know of their own movements alone.
 */
export async function wakeActions(dependencies: WakerDependencies): Promise<'few' | 'many' | 'away'> {
  const { database, logger } = dependencies;
  const news = await claimNews(database, { leaseToken: uuidv4(), ...LEASE });
  let isAway = false;
  for (const one of news) {
    if (isAway) await releaseNews(database, one, { retryMs: 0, failed: false });
    else {
      const failure = await work(dependencies, one);
      if (failure === null) continue;
      ({ isAway } = failure);
      const fields = { workflowId: actionWorkflowIdOf(one), failure: failure.code };
      logger[isAway ? 'debug' : 'warn'](fields, 'a corporate action could not be woken, tried again later');
      await releaseNews(database, one, { retryMs: refusalWaitMs(one.failures), failed: true });
    }
  }
  if (isAway) return 'away';
  return news.length === LEASE.limit ? 'many' : 'few';
}

interface Failure {
  readonly code: string;
  readonly isAway: boolean;
}

async function work(dependencies: WakerDependencies, news: LeasedNews): Promise<Failure | null> {
  const { database, flows, policies } = dependencies;
  try {
    if (news.rejudgeHolders) await rejudgeHolders(database, news, policies);
    if (news.isSleeping) await wake(dependencies, news);
    await markWoken(database, news);
    return null;
  } catch (error) {
    const isAway = isTemporalFailure(error) && failureOf(error) === 'away' && (await flows.isAway());
    return { code: failureCode(error), isAway };
  }
}

async function wake({ flows, policies, partners }: WakerDependencies, { partner, id }: LeasedNews): Promise<void> {
  const table = partners.lifecycleTableOf(partner, OBJECT);
  if (table === undefined) throw new Error('no lifecycle of corporate actions');
  await flows.wakeAction({ table, policy: policies.policyOf(table), id });
}
