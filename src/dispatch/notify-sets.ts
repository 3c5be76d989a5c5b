import type { Kysely } from 'kysely';
import type { Logger } from 'pino';

import { setIdOf } from '../domain/lifecycles/corporate-actions/set-id';
import type { Partners } from '../partners/partners';
import { type SubjectKey, workflowIdOf } from '../domain/subject-key';
import type { Policies } from '../domain/lifecycles/rules';
import { loadSetSnapshot, markNotified, unnotifiedSets, type UnnotifiedSet } from '../store/corporate-actions/state';
import { storedKeys } from '../store/flows/stored-ids';
import { loadSubjects } from '../store/flows/subjects';
import type { Tables } from '../store/schema/tables';
import type { FlowStarter } from '../temporal/flow-client';
import { failureOf, isTemporalFailure, failureCode, refusalWaitMs } from '../temporal/errors';
import { type Rounds, startRounds } from '../lib/rounds';
import { backOffMs } from '../domain/back-off';

/** A notifier of flows whose sets changed without a webhook; remembers its place, and the sets whose signal failed. */
export interface SetNotifier {
  /**
   * Notifies the next few flows; resolves to the number notified. Rejects where Temporal or the store is away; the next
   * call then goes on behind the set at which that showed.
   */
  notifyNext(): Promise<number>;
}

interface NotifierDependencies {
  readonly database: Kysely<Tables>;
  readonly flows: FlowStarter;
  readonly policies: Policies;
  readonly partners: Partners;
  readonly logger: Logger;
}

const OBJECT = 'corporate-action';

const MOST_AT_ONCE = 100;

/**
 * Notifications of flows whose sets changed without a webhook: another holder's set moved the ratio, a holding was
 * imported, money was passed on. Each is sent at least once; a flow folds a version of its set once. Sets are gone
 * through from the first to the last, and again: one that cannot be notified does not hold up the others.
 */
export function createSetNotifier(dependencies: NotifierDependencies): SetNotifier {
  const { database, logger, partners } = dependencies;
  const withFlows = partners.names.filter((name) => partners.lifecycleTableOf(name, OBJECT) !== undefined);
  const failures = createFailures();
  let after: UnnotifiedSet | null = null;
  const notify = async (set: UnnotifiedSet): Promise<boolean> => {
    const workflowId = workflowIdOf(keyOf(set));
    if (failures.isWaiting(workflowId)) return false;
    const failure = await signal(dependencies, set);
    if (failure !== null) {
      failures.add(workflowId);
      logger.warn({ workflowId, failure }, 'a flow could not be notified of its set, tried again later');
      return false;
    }
    await markNotified(database, set);
    failures.remove(workflowId);
    return true;
  };
  return {
    async notifyNext() {
      const sets = await unnotifiedSets(database, { partners: withFlows, after, limit: MOST_AT_ONCE });
      let notified = 0;
      for (const set of sets) {
        after = set;
        if (await notify(set)) notified += 1;
      }
      if (sets.length < MOST_AT_ONCE) {
        after = null;
        failures.forgetOld();
      }
      return notified;
    },
  };
}

const PAUSE = { firstMs: 100, longestMs: 5_000 };

/** Rounds of notifications beside those of dispatch: neither waits for the other. */
export function startSetNotifier(dependencies: NotifierDependencies, pollMs: number): Rounds {
  const notifier = createSetNotifier(dependencies);
  let failures = 0;
  return startRounds(async () => {
    try {
      const notified = await notifier.notifyNext();
      failures = 0;
      return { ms: notified === 0 ? pollMs : 0 };
    } catch (error) {
      dependencies.logger.debug({ failure: failureCode(error) }, 'flows could not be notified of their sets yet');
      const ms = backOffMs(PAUSE, failures, Math.random());
      failures += 1;
      return { ms, isPause: true };
    }
  });
}

function keyOf({ partner, id, userId }: UnnotifiedSet): SubjectKey {
  return { partner, object: OBJECT, id: setIdOf({ corporateActionId: id, userId }) };
}

/** Signals the flow; resolves to the code of a failure of this one signal, null where it was taken. */
async function signal(
  { database, flows, policies, partners }: NotifierDependencies,
  set: UnnotifiedSet,
): Promise<string | null> {
  const { partner, id, userId, version } = set;
  const given = keyOf(set);
  const key = (await storedKeys(database, [given]))(given);
  const table = partners.lifecycleTableOf(partner, key.object);
  if (table === undefined) return 'no lifecycle';
  const workflowId = workflowIdOf(key);
  const stored = (await loadSubjects(database, [workflowId])).get(workflowId) ?? null;
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
    if (isTemporalFailure(error) && failureOf(error) === 'away') throw error;
    return failureCode(error);
  }
}

/** A set whose wait has been over for so long was not met again: its flow was notified in another way. */
const FORGET_AFTER_MS = 600_000;

/** Flows whose signal failed, each with a wait that grows: without it they would be tried, and logged, in every round. */
function createFailures() {
  const waits = new Map<string, { readonly failures: number; readonly untilMs: number }>();
  return {
    isWaiting: (workflowId: string): boolean => (waits.get(workflowId)?.untilMs ?? 0) > Date.now(),
    add(workflowId: string): void {
      const failures = waits.get(workflowId)?.failures ?? 0;
      waits.set(workflowId, { failures: failures + 1, untilMs: Date.now() + refusalWaitMs(failures) });
    },
    remove: (workflowId: string): boolean => waits.delete(workflowId),
    forgetOld(): void {
      for (const [workflowId, { untilMs }] of waits)
        if (untilMs + FORGET_AFTER_MS < Date.now()) waits.delete(workflowId);
    },
  };
}
