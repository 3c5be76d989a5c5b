import { setTimeout } from 'node:timers/promises';

import type { Kysely } from 'kysely';

import type { JudgeResult } from '../src/domain/lifecycles/corporate-actions/fold-set';
import { partsOfSetId } from '../src/domain/lifecycles/corporate-actions/set-id';
import type { SubjectKey } from '../src/domain/subject-key';
import { type Judged, judgeSetsWithin, type JudgingOptions, type QuietSet } from '../src/store/corporate-actions/judge';
import type { CorporateActionKey } from '../src/store/corporate-actions/load';
import { loadSetSnapshot } from '../src/store/corporate-actions/state';
import { hasBacklog } from '../src/store/flows/subjects';
import type { Tables } from '../src/store/schema/tables';
import type { JudgeActivities, JudgeRequest } from '../workflows/contract';
import { storeFailure } from './failures';

const BACKLOG_LOOKS = 20;
const BACKLOG_PAUSE_MS = 150;

/** Dispatch works off what came before this moment, mostly within a second: shorter than a timer of the flow. */
async function isBehind(database: Kysely<Tables>, partner: SubjectKey['partner']): Promise<boolean> {
  const asked = new Date();
  for (let look = 1; look < BACKLOG_LOOKS; look += 1) {
    if (!(await hasBacklog(database, partner, asked))) return false;
    await setTimeout(BACKLOG_PAUSE_MS);
  }
  return true;
}

/** A set that waits for its corporate action to be judged. */
interface Waiting extends QuietSet {
  readonly resolve: (judged: Judged) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Judges together what settles together: while one judging of a corporate action is under way, all sets of it that
 * settle meanwhile wait for the next one. Thousands at once would otherwise wait for the same lock, each with a
 * connection that everything else needs.
 */
function createJudging(database: Kysely<Tables>, options: JudgingOptions) {
  const queues = new Map<string, Waiting[]>();
  const judgeTogether = async (action: CorporateActionKey, waiting: readonly Waiting[]): Promise<void> => {
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
    while (queue.length > 0) await judgeTogether(action, queue.splice(0));
    queues.delete(name);
  };
  return (action: CorporateActionKey, settled: QuietSet): Promise<Judged> =>
    new Promise((resolve, reject) => {
      const name = `${action.partner}:${action.id}`;
      const queue = queues.get(name);
      const waiting = { ...settled, resolve, reject };
      if (queue !== undefined) {
        queue.push(waiting);
        return;
      }
      const own = [waiting];
      queues.set(name, own);
      void workOff(name, action, own);
    });
}

/** The activity by which a flow has its set judged from the ledger; the same again gives the same. */
export function createJudgeActivities(database: Kysely<Tables>, options: JudgingOptions): JudgeActivities {
  const judging = createJudging(database, options);
  const judge = async ({ key, asked }: JudgeRequest): Promise<JudgeResult> => {
    const { partner } = key;
    // A movement of ours that waits to be booked would look like one that was lost.
    if (await isBehind(database, partner)) return { kind: 'later' };
    const { corporateActionId, userId } = partsOfSetId(key.id);
    const action = { partner, id: corporateActionId };
    const judged = await judging(action, { userId, asked });
    if (judged.kind === 'ask') return judged;
    return { kind: 'judged', standing: await loadSetSnapshot(database, action, userId) };
  };
  return {
    async judgeSet(request) {
      try {
        return await judge(request);
      } catch (error) {
        throw storeFailure(error);
      }
    },
  };
}
