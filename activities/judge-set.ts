import { setTimeout } from 'node:timers/promises';

import type { Kysely } from 'kysely';

import type { JudgeResult } from '../src/domain/lifecycles/corporate-actions/fold-set';
import { partsOfSetId } from '../src/domain/lifecycles/corporate-actions/set-id';
import { type SubjectKey, workflowIdOf } from '../src/domain/subject-key';
import { type Judged, judgeSetsWithin, type JudgingOptions, type QuietSet } from '../src/store/corporate-actions/judge';
import { isFollowedAsAWhole } from '../src/store/corporate-actions/followers';
import type { CorporateActionKey } from '../src/store/corporate-actions/load';
import { loadSetSnapshot } from '../src/store/corporate-actions/state';
import { newestPlace, subjectsWithin } from '../src/store/deliveries/backlog';
import type { Tables } from '../src/store/schema/tables';
import type { JudgeActivities, JudgeRequest } from '../workflows/contract';
import { storing } from './failures';

/** The activity by which a flow has its set judged from the ledger; the same again gives the same. Throws what `storeFailure` makes. */
export function createJudgeActivities(database: Kysely<Tables>, options: JudgingOptions): JudgeActivities {
  const judgeTogether = createJudging(database, options);
  const judge = async ({ key, asked }: JudgeRequest): Promise<JudgeResult> => {
    const { partner } = key;
    // A movement of ours that waits to be booked would look like one that was lost.
    const { corporateActionId, userId } = partsOfSetId(key.id);
    const prefix = `${workflowIdOf({ ...key, id: corporateActionId })}:`;
    const action = { partner, id: corporateActionId };
    // Only who follows a set writes its verdict: a flow of a holder that is signalled all the same ends.
    if (await isFollowedAsAWhole(database, action, userId)) return { kind: 'judged', standing: NOTHING_TO_FOLLOW };
    if (await isBehind(database, partner, prefix)) return { kind: 'later' };
    const judged = await judgeTogether(action, { userId, asked });
    if (judged.kind === 'ask') return judged;
    return { kind: 'judged', standing: await loadSetSnapshot(database, action, userId) };
  };
  return { judgeSet: (request) => storing(() => judge(request)) };
}

/** The standing of a set that nothing is owed for. */
const NOTHING_TO_FOLLOW = {
  ...{ version: Number.MAX_SAFE_INTEGER, verdict: null, breaks: [], resolved: false },
  ...{ obligationDueAt: null, movements: [] },
} as const;

const MOST_CHECKS = 20;
const CHECK_EVERY_MS = 150;

/**
 * True where dispatch has not come so far with the sets of this corporate action. It works off what came before this
 * moment, mostly within a second: shorter than a timer of the flow.
 */
async function isBehind(database: Kysely<Tables>, partner: SubjectKey['partner'], prefix: string): Promise<boolean> {
  const upTo = await newestPlace(database);
  for (let check = 1; check < MOST_CHECKS; check += 1) {
    if (!(await subjectsWithin(database, { partner, prefix }, upTo))) return false;
    await setTimeout(CHECK_EVERY_MS);
  }
  return true;
}

/** A set that waits for its corporate action to be judged. */
interface Waiting extends QuietSet {
  readonly resolve: (judged: Judged) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Judges sets of one corporate action together: while one judging is under way, all sets that are to be judged meanwhile
 * wait for the next one. Thousands at once would otherwise wait for the same lock, each with a connection that
 * everything else needs.
 */
function createJudging(database: Kysely<Tables>, options: JudgingOptions) {
  const queues = new Map<string, Waiting[]>();
  const judgeAll = async (action: CorporateActionKey, waiting: readonly Waiting[]): Promise<void> => {
    try {
      const judged = await database
        .transaction()
        .execute((transaction) => judgeSetsWithin(transaction, action, waiting, options));
      for (const { userId, resolve } of waiting) resolve(judged.get(userId) ?? { kind: 'judged' });
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
  };
  const workOff = async (name: string, action: CorporateActionKey, queue: Waiting[]): Promise<void> => {
    while (queue.length > 0) await judgeAll(action, queue.splice(0));
    queues.delete(name);
  };
  return (action: CorporateActionKey, set: QuietSet): Promise<Judged> =>
    new Promise((resolve, reject) => {
      const name = `${action.partner}:${action.id}`;
      const queue = queues.get(name);
      const waiting = { ...set, resolve, reject };
      if (queue !== undefined) {
        queue.push(waiting);
        return;
      }
      const own = [waiting];
      queues.set(name, own);
      void workOff(name, action, own);
    });
}
