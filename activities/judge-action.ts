import { setTimeout } from 'node:timers/promises';

import { heartbeat } from '@temporalio/activity';
import type { Kysely } from 'kysely';

import { pauseMs, quietMs } from '../src/domain/lifecycles/corporate-actions/rounds';
import { OBJECT } from '../src/store/corporate-actions/set-flows';
import type { LifecycleTable } from '../src/domain/lifecycles/table';
import type { Rules } from '../src/domain/lifecycles/rules';
import type { Partner } from '../src/domain/partner';
import type { Policy } from '../src/domain/policy';
import { actOnSet } from '../src/store/corporate-actions/act';
import { changeSets } from '../src/store/corporate-actions/act-on-many';
import type { JudgingOptions } from '../src/store/corporate-actions/judge';
import { takeNews } from '../src/store/corporate-actions/news';
import { judgeRound, type Round } from '../src/store/corporate-actions/round';
import { newestPlace, undecodedWait } from '../src/store/deliveries/backlog';
import type { Tables } from '../src/store/schema/tables';
import type { ActionActivities, RoundRequest, RoundResult } from '../workflows/action-contract';
import { storing } from './failures';

/** The things that the flow of a whole corporate action needs. */
interface ActionDependencies extends JudgingOptions {
  readonly database: Kysely<Tables>;
  readonly lifecycleTables: readonly LifecycleTable[];
}

/** The activities by which the flow of a whole corporate action judges its sets, and acts on them. Throws what `storeFailure` makes. */
export function createActionActivities(dependencies: ActionDependencies): ActionActivities {
  const { database } = dependencies;
  const rulesOf = (partner: Partner, policy: Policy): Rules => rulesFor(dependencies, partner, policy);
  return {
    judgeAction: (request) => storing(() => judgeAction(dependencies, request)),
    actOnSet: ({ action, policy, userId, act }) =>
      storing(() => actOnSet(database, action, { rules: rulesOf(action.partner, policy), userId, act })),
    changeSets: ({ action, policy, request }) =>
      storing(() =>
        changeSets(database, action, {
          rules: rulesOf(action.partner, policy),
          request,
          onPage: createPulse(),
        }),
      ),
  };
}

/** Throws where the partner has no lifecycle of corporate actions: then no flow of one can have begun. */
function rulesFor({ lifecycleTables }: ActionDependencies, partner: Partner, policy: Policy): Rules {
  const table = lifecycleTables.find((one) => one.partner === partner && one.object === OBJECT);
  if (table === undefined) throw new Error(`${partner} has no lifecycle of corporate actions`);
  return { table, policy };
}

/** A worker that ends waits for its activities for little longer. */
const LONGEST_STAY_MS = 20_000;

/**
 * Rounds, one after the other while the next is due within seconds: a timer and another activity for each would cost more
 * than it. The news are taken before anything is read: what comes from then on is found in the next round.
 */
async function judgeAction(dependencies: ActionDependencies, request: RoundRequest): Promise<RoundResult> {
  const { action, policy } = request;
  const endMs = performance.now() + LONGEST_STAY_MS;
  const pulse = createPulse();
  const waitWithin = async (ms: number): Promise<boolean> => {
    if (performance.now() + ms > endMs) return false;
    await wait(ms, pulse);
    return true;
  };
  let { asked } = request;
  for (let rounds = 1; ;) {
    await takeNews(dependencies.database, action, asked);
    asked = null;
    const round = await judgeOnce(dependencies, request, pulse);
    if (round === 'behind') {
      if (await waitWithin(BEHIND_WAIT_MS)) continue;
      return { kind: 'later' };
    }
    const quiet = quietMs(policy, new Date().toISOString());
    const isOver = round.ask !== null || round.nextInMs === null;
    const pause = pauseMs(quiet, request.busyRounds + rounds, round.nextInMs ?? 0);
    if (isOver || !(await waitWithin(pause))) return { kind: 'judged', ...round, rounds };
    rounds += 1;
  }
}

async function judgeOnce(
  dependencies: ActionDependencies,
  { action, policy }: RoundRequest,
  pulse: () => void,
): Promise<Round | 'behind'> {
  const { database, precisions, alertWindowMs } = dependencies;
  const upTo = await newestPlace(database);
  if (await isBehind(database, action.partner, { upTo, pulse })) return 'behind';
  const rules = rulesFor(dependencies, action.partner, policy);
  return judgeRound(database, action, { precisions, alertWindowMs, rules, upTo, onPage: pulse });
}

const MOST_CHECKS = 20;
const CHECK_EVERY_MS = 150;
const BEHIND_WAIT_MS = 1_000;

/** True where deliveries of the partner still wait that nobody could decode yet: one may be of any set. */
async function isBehind(
  database: Kysely<Tables>,
  partner: Partner,
  { upTo, pulse }: { readonly upTo: string; readonly pulse: () => void },
): Promise<boolean> {
  for (let check = 1; check < MOST_CHECKS; check += 1) {
    if (!(await undecodedWait(database, partner, upTo))) return false;
    pulse();
    await setTimeout(CHECK_EVERY_MS);
  }
  return true;
}

/** Well within the time that the server waits for one; each costs as much as an activity. */
const HEARTBEAT_EVERY_MS = 8_000;
const LOOK_EVERY_MS = 1_000;

/** A sign of life, no more often than it is needed. */
function createPulse(): () => void {
  let lastMs = performance.now();
  return () => {
    if (performance.now() - lastMs < HEARTBEAT_EVERY_MS) return;
    lastMs = performance.now();
    heartbeat();
  };
}

/** A wait during which the server sees that the activity lives. */
async function wait(ms: number, pulse: () => void): Promise<void> {
  for (let leftMs = ms; leftMs > 0; leftMs -= LOOK_EVERY_MS) {
    pulse();
    await setTimeout(Math.min(leftMs, LOOK_EVERY_MS));
  }
}
