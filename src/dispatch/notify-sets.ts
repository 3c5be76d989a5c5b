import type { Kysely } from 'kysely';
import type { Logger } from 'pino';

import { setIdOf } from '../domain/lifecycles/corporate-actions/set-id';
import type { Partners } from '../partners/partners';
import { type SubjectKey, workflowIdOf } from '../domain/subject-key';
import type { Policies } from '../domain/lifecycles/rules';
import { loadSetSnapshot, markNotified, unnotifiedSets, type UnnotifiedSet } from '../store/corporate-actions/state';
import { loadSubjects } from '../store/flows/subjects';
import type { Tables } from '../store/schema/tables';
import type { FlowStarter } from '../temporal/flow-client';
import { failureOf, isTemporalFailure, failureCode, refusalWaitMs } from '../temporal/errors';

const OBJECT = 'corporate-action';
const MOST_AT_ONCE = 100;
/** A set whose wait has been over for so long was not met again: its flow has heard in another way. */
const FORGET_AFTER_MS = 600_000;

interface Telling {
  readonly database: Kysely<Tables>;
  readonly flows: FlowStarter;
  readonly policies: Policies;
  readonly partners: Partners;
  readonly logger: Logger;
}

/** Tells flows what changed of their sets; remembers where it is, and what was refused. */
export interface SetNotifier {
  /**
   * Tells the next few, and answers how many were told. Rejects where Temporal or the store is away; what comes next
   * then goes on behind the set at which that showed.
   */
  tellNext(): Promise<number>;
}

function keyOf({ partner, id, userId }: UnnotifiedSet): SubjectKey {
  return { partner, object: OBJECT, id: setIdOf({ corporateActionId: id, userId }) };
}

/** Signals the flow; answers what Temporal, or our own way to it, has against this one signal. */
async function signal({ database, flows, policies, partners }: Telling, set: UnnotifiedSet): Promise<string | null> {
  const { partner, id, userId, version } = set;
  const key = keyOf(set);
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

/** Waits of sets whose notification failed. They grow, or each would be tried, and logged, in every round. */
function createRefusals() {
  const waits = new Map<string, { readonly refusals: number; readonly untilMs: number }>();
  return {
    isWaiting: (workflowId: string): boolean => (waits.get(workflowId)?.untilMs ?? 0) > Date.now(),
    add(workflowId: string): void {
      const refusals = waits.get(workflowId)?.refusals ?? 0;
      waits.set(workflowId, { refusals: refusals + 1, untilMs: Date.now() + refusalWaitMs(refusals) });
    },
    remove: (workflowId: string): boolean => waits.delete(workflowId),
    forgetOld(): void {
      for (const [workflowId, { untilMs }] of waits)
        if (untilMs + FORGET_AFTER_MS < Date.now()) waits.delete(workflowId);
    },
  };
}

/**
 * Tells flows what changed of their sets without a webhook: another holder's set moved the ratio, a holding was
 * imported, money was passed on. Told at least once; a flow takes no standing twice. Sets are gone through from the
 * first to the last, and again: whatever cannot be told keeps no place before the others.
 */
export function createSetNotifier(telling: Telling): SetNotifier {
  const { database, logger, partners } = telling;
  // Sets of the others have no flow that could take it in.
  const notified = partners.names.filter((name) => partners.lifecycleTableOf(name, OBJECT) !== undefined);
  const refusals = createRefusals();
  let after: UnnotifiedSet | null = null;
  const tell = async (set: UnnotifiedSet): Promise<boolean> => {
    const workflowId = workflowIdOf(keyOf(set));
    if (refusals.isWaiting(workflowId)) return false;
    const failure = await signal(telling, set);
    if (failure !== null) {
      refusals.add(workflowId);
      logger.warn({ workflowId, failure }, 'a flow could not be told of its set, tried again later');
      return false;
    }
    await markNotified(database, set);
    refusals.remove(workflowId);
    return true;
  };
  return {
    async tellNext() {
      const sets = await unnotifiedSets(database, { partners: notified, after, limit: MOST_AT_ONCE });
      let told = 0;
      for (const set of sets) {
        after = set;
        if (await tell(set)) told += 1;
      }
      if (sets.length < MOST_AT_ONCE) {
        after = null;
        refusals.forgetOld();
      }
      return told;
    },
  };
}
