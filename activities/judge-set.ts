import { setTimeout } from 'node:timers/promises';

import type { Kysely } from 'kysely';

import type { JudgeResult } from '../src/domain/corporate-actions/fold-set';
import type { SubjectKey } from '../src/domain/notification';
import { judgeSetsWithin, type JudgingOptions } from '../src/store/judging';
import { loadStanding } from '../src/store/set-standing';
import { hasBacklog } from '../src/store/subjects';
import type { Tables } from '../src/store/tables';
import type { JudgeActivities, JudgeRequest } from '../workflows/contract';
import { storeFailure } from './failures';

/** The parts of a set's id: the corporate action's, and the user's. */
function partsOf({ id }: SubjectKey): { readonly corporateActionId: string; readonly userId: string } {
  const [corporateActionId = '', userId = ''] = id.split(':');
  return { corporateActionId, userId };
}

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

async function judge(
  database: Kysely<Tables>,
  options: JudgingOptions,
  { key, asked }: JudgeRequest,
): Promise<JudgeResult> {
  const { partner } = key;
  // A movement of ours that waits to be booked would look like one that was lost.
  if (await isBehind(database, partner)) return { kind: 'later' };
  const { corporateActionId, userId } = partsOf(key);
  const action = { partner, id: corporateActionId };
  const judged = await database
    .transaction()
    .execute((transaction) => judgeSetsWithin(transaction, action, { userId, asked }, options));
  if (judged.kind === 'ask') return judged;
  return { kind: 'judged', standing: await loadStanding(database, action, userId) };
}

/** The activity by which a flow has its set judged from the ledger; the same again gives the same. */
export function createJudgeActivities(database: Kysely<Tables>, options: JudgingOptions): JudgeActivities {
  return {
    async judgeSet(request) {
      try {
        return await judge(database, options, request);
      } catch (error) {
        throw storeFailure(error);
      }
    },
  };
}
