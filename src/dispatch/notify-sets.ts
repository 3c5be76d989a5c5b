import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import { v4 as uuidv4 } from 'uuid';

import { backOffMs } from '../domain/back-off';
import { setIdOf } from '../domain/lifecycles/corporate-actions/set-id';
import type { Policies } from '../domain/lifecycles/rules';
import { type SubjectKey, workflowIdOf } from '../domain/subject-key';
import { mapConcurrently } from '../lib/concurrency';
import { type Rounds, startRounds } from '../lib/rounds';
import type { Partners } from '../partners/partners';
import {
  claimUnnotified,
  loadSetSnapshot,
  markNotified,
  releaseSet,
  type UnnotifiedSet,
} from '../store/corporate-actions/state';
import { isActivated } from '../store/activations';
import { followAsAWhole } from '../store/corporate-actions/followers';
import { storedKeys } from '../store/flows/stored-ids';
import { loadSubjects } from '../store/flows/subjects';
import type { Tables } from '../store/schema/tables';
import { failureCode, failureOf, refusalWaitMs } from '../temporal/errors';
import type { FlowStarter } from '../temporal/flow-client';
import { wakeActions } from './wake-actions';

/** The servers and values with which flows are notified of their sets. */
export interface NotifierDependencies {
  readonly database: Kysely<Tables>;
  readonly flows: FlowStarter;
  readonly policies: Policies;
  readonly partners: Partners;
  readonly logger: Logger;
}

const PAUSE = { firstMs: 100, longestMs: 5_000 };

/**
 * Notifications of flows whose sets changed without a webhook: another holder's set moved the ratio, a holding was
 * imported, money was passed on. They go beside dispatch, which never waits for them, and any number of notifiers may
 * run: each leases what it takes. A set is notified about once; a flow folds a version of its set once. One whose
 * signal fails waits by itself, ever longer; only where Temporal is away does the notifier pause.
 */
export function startSetNotifier(dependencies: NotifierDependencies, pollMs: number): Rounds {
  let failures = 0;
  return startRounds(async (stop) => {
    const found = await notifyNext(dependencies, stop).catch((error: unknown) => {
      dependencies.logger.debug({ failure: failureCode(error) }, 'flows could not be notified of their sets yet');
      return 'away' as const;
    });
    failures = found === 'away' ? failures + 1 : 0;
    if (failures > 0) return { ms: backOffMs(PAUSE, failures, Math.random()) };
    return { ms: found === 'many' ? 0 : pollMs };
  });
}

const OBJECT = 'corporate-action';

/** The lease outlasts all signals of a round, were each of them to run into its deadline. */
const LEASE = { limit: 20, leaseMs: 60_000 };
/** Few, because dispatch needs connections to the database and to Temporal as well. */
const SIGNALS_AT_ONCE = 4;

/** Notifies the flows of a few sets, which may have been `many`; `away` where none took it because Temporal is away. */
async function notifyNext(dependencies: NotifierDependencies, stop: AbortSignal): Promise<Notified> {
  const results = [await wakeActions(dependencies), await notifyHolders(dependencies, stop)];
  return NOTIFIED.find((one) => results.includes(one)) ?? 'few';
}

/** The results of a round, the most important first. */
const NOTIFIED = ['away', 'many', 'few'] as const;
type Notified = (typeof NOTIFIED)[number];

async function notifyHolders(dependencies: NotifierDependencies, stop: AbortSignal): Promise<Notified> {
  const { database, logger, partners } = dependencies;
  const isActive = await isActivated(database, 'corporate-actions');
  const withFlows = partners.names.filter((name) => partners.lifecycleTableOf(name, OBJECT) !== undefined);
  const sets = await claimUnnotified(database, { partners: withFlows, leaseToken: uuidv4(), ...LEASE });
  const seen = { isAway: false, notified: 0 };
  await mapConcurrently(sets, SIGNALS_AT_ONCE, async (set) => {
    if (seen.isAway || stop.aborted) return releaseSet(database, set, { retryMs: 0, failed: false });
    const failure = await signal(dependencies, set, isActive);
    if (failure === null) {
      seen.notified += 1;
      return markNotified(database, set);
    }
    seen.isAway ||= failure.isAway;
    const fields = { workflowId: workflowIdOf(keyOf(set)), failure: failure.code };
    logger[failure.isAway ? 'debug' : 'warn'](fields, 'a flow could not be notified of its set, tried again later');
    return releaseSet(database, set, { retryMs: refusalWaitMs(set.failures), failed: true });
  });
  if (seen.isAway && seen.notified === 0) return 'away';
  return sets.length === LEASE.limit ? 'many' : 'few';
}

function keyOf({ partner, id, userId }: UnnotifiedSet): SubjectKey {
  return { partner, object: OBJECT, id: setIdOf({ corporateActionId: id, userId }) };
}

/** Signals the flow; resolves to the failure of this one signal, null where it was taken. */
async function signal(
  { database, flows, policies, partners }: NotifierDependencies,
  set: UnnotifiedSet,
  isActive: boolean,
): Promise<{ readonly code: string; readonly isAway: boolean } | null> {
  const { partner, id, userId, version } = set;
  const given = keyOf(set);
  const key = (await storedKeys(database, [given]))(given);
  const table = partners.lifecycleTableOf(partner, key.object);
  if (table === undefined) return { code: 'no lifecycle', isAway: false };
  const workflowId = workflowIdOf(key);
  const stored = (await loadSubjects(database, [workflowId])).get(workflowId) ?? null;
  if (isActive && stored !== null && stored.subject.end !== null) {
    await followAsAWhole(database, set, workflowId);
    return null;
  }
  const standing = await loadSetSnapshot(database, { partner, id }, userId);
  const notification = {
    lifecycle: 'corporateAction',
    event: 'standing',
    news: { kind: 'standing', standing },
    deliveryId: `standing:${version}`,
    receivedAt: new Date().toISOString(),
    contradictsEarlier: false,
  } as const;
  try {
    await flows.signalWithStart({ key, table, policy: policies.policyOf(table), stored }, notification);
    return null;
  } catch (error) {
    return { code: failureCode(error), isAway: failureOf(error) === 'away' && (await flows.isAway()) };
  }
}
