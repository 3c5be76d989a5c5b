import { isDeepStrictEqual } from 'node:util';

import type { Transaction } from 'kysely';

import {
  GOOD_VERDICTS,
  type HolderSet,
  type Judgement,
} from '../../domain/lifecycles/corporate-actions/corporate-action';
import { agreementsOfCounts } from '../../domain/lifecycles/corporate-actions/counts';
import { doubted } from '../../domain/lifecycles/corporate-actions/doubted';
import { foldVerdict } from '../../domain/lifecycles/corporate-actions/fold-set';
import { type Conclusions, judgeHolder, unitsOf } from '../../domain/lifecycles/corporate-actions/judge';
import type { SetSnapshot } from '../../domain/lifecycles/corporate-actions/set-news';
import type { Rules } from '../../domain/lifecycles/rules';
import { workflowIdOf } from '../../domain/subject-key';
import { waitingSubjects } from '../deliveries/backlog';
import { type AlertCause, raiseAlerts } from '../outbox/alerts';
import type { Tables } from '../schema/tables';
import type { ActionState } from './action-state';
import type { CountingOptions } from './count-pages';
import { type CorporateActionKey, type LedgerMovement, loadHolders } from './load';
import { actionWorkflowIdOf, loadSetFlows, type SetFlow, type SetFlowWrite, setKeys, writeSetFlows } from './set-flows';
import { confirmedBy, DUE_NOW, markSets, type Phase, type SetRow, type SetVerdict, writeVerdicts } from './set-rows';
import { obligationsDue } from './obligations-due';
import { MOST_SHOWN, shownMovements, shownUnknowns } from './state';
import { databaseTime } from '../database-time';

/** Settings of a round of judging. */
export interface RoundOptions extends CountingOptions {
  /** Place in the order of arrival up to which no delivery of a set may wait when it is judged. */
  readonly upTo: string;
}

/** Sets that a round has left for a later one. */
export interface LeftSets {
  /** Before some the partner has to be asked. */
  readonly needAsking: boolean;
  /** Deliveries of some still wait for dispatch. */
  readonly isBehind: boolean;
}

/** The page of sets that are judged in one transaction. */
interface Page {
  readonly transaction: Transaction<Tables>;
  readonly action: CorporateActionKey;
  readonly options: RoundOptions;
  readonly state: ActionState;
}

/** Verdicts on selected sets, whose rows are locked; what is left of them for a later round. */
export async function judgeSelected(page: Page, phase: Phase, rows: readonly SetRow[]): Promise<LeftSets> {
  const judged = await judgeRows(page, rows);
  const waiting = judged.filter(({ isReady, isWaiting }) => !isReady && !isWaiting);
  await write(
    page,
    phase,
    judged.filter(({ isReady }) => isReady),
  );
  const userIds = waiting.map(({ row }) => row.userId);
  if (phase === 'changed') await markSets(page.transaction, page.action, DUE_NOW, userIds);
  return { needAsking: waiting.length > 0, isBehind: judged.some(({ isWaiting }) => isWaiting) };
}

/** Set with the judgement that the ledger gives on it. */
interface JudgedSet {
  readonly row: SetRow;
  readonly holder: HolderSet;
  readonly movements: readonly LedgerMovement[];
  readonly judgement: Judgement | null;
  /** False where the partner has to be asked before. */
  readonly isReady: boolean;
  /** True where a delivery of it still waits for dispatch: a movement in it would look like one that was lost. */
  readonly isWaiting: boolean;
  readonly asked: 'reached' | 'unreachable' | null;
  readonly workflowId: string;
  readonly flow: SetFlow | null;
}

async function judgeRows(page: Page, rows: readonly SetRow[]): Promise<readonly JudgedSet[]> {
  const { transaction, action, options, state } = page;
  const userIds = rows.map(({ userId }) => userId);
  const keys = await setKeys(transaction, action, userIds);
  const flows = await loadSetFlows(transaction, options.rules, keys);
  const waiting = await waitingSubjects(transaction, [...keys.values()].map(workflowIdOf), options.upTo);
  const { holders, movements, aliased } = await loadHolders(transaction, action, userIds, {
    old: state.counts.ground.old,
    startedAt: state.startedAt,
  });
  const conclusions = conclusionsOf(state, options, aliased);
  const holderOf = new Map(holders.map((holder) => [holder.userId, holder]));
  return rows.flatMap((row): JudgedSet[] => {
    const [holder, key] = [holderOf.get(row.userId), keys.get(row.userId)];
    if (holder === undefined || key === undefined) return [];
    const judgement = judgeHolder(conclusions, holder);
    const asked = askedFor(row, state);
    const flow = flows.get(row.userId) ?? null;
    const isGood = judgement === null ? !isExpected(flow) : GOOD_VERDICTS.includes(judgement.verdict);
    const workflowId = workflowIdOf(key);
    const isWaiting = waiting.has(workflowId);
    const own = { row, holder, movements: movements.get(row.userId) ?? [], judgement, asked, isWaiting, workflowId };
    return [{ ...own, isReady: !isWaiting && (isGood || asked !== null), flow }];
  });
}

/** True for a set of which our own backend expects a movement that has not come: it may be lost. */
function isExpected(flow: SetFlow | null): boolean {
  return flow !== null && flow.subject.state === null && flow.moved === null;
}

/** Conclusions of a corporate action for some of its sets, whose instruments' other ids are `aliased`. */
export function conclusionsOf(
  { counts }: ActionState,
  { precisions }: Pick<RoundOptions, 'precisions'>,
  aliased: ReadonlySet<string>,
): Conclusions {
  const { ground } = counts;
  return { ground, aliased, unitOf: unitsOf(precisions), agreements: agreementsOfCounts(counts) };
}

/** The result of asking the partner, where it was asked late enough for this set; null where it was not. */
function askedFor({ askAfter }: SetRow, { asked, askedAt }: ActionState): JudgedSet['asked'] {
  return askedAt !== null && (askAfter === null || askAfter <= askedAt) ? asked : null;
}

async function write(page: Page, phase: Phase, judged: readonly JudgedSet[]): Promise<void> {
  const { transaction, action, options, state } = page;
  const changes = judged.map((one) => ({ one, verdict: verdictOf(one) }));
  const isSame = ({ row }: JudgedSet, given: Given): boolean => phase === 'changed' && showsSame(row, given);
  const same = changes.filter(({ one, verdict }) => isSame(one, verdict));
  const different = changes.filter((change) => !same.includes(change));
  await markSets(
    transaction,
    action,
    confirmedBy(state.conclusion),
    same.map(({ one }) => one.row.userId),
  );
  const owed = await obligationsDue(
    transaction,
    action,
    different.map(({ one }) => one.row.userId),
  );
  const now = await databaseTime(transaction);
  const folding = { owed, now, rules: options.rules, old: state.counts.ground.old };
  const written = different.map(({ one, verdict }) => folded(one, verdict, folding));
  await writeVerdicts(
    transaction,
    action,
    state.conclusion,
    written.map(({ verdict }) => verdict),
  );
  await writeSetFlows(
    transaction,
    action,
    written.flatMap(({ flow }) => flow ?? []),
  );
  const causes = [...breakCauses(action, different), ...written.flatMap(({ alerts }) => alerts)];
  await raiseAlerts(transaction, causes, options.alertWindowMs);
}

/** True where a row shows what it would show after it is written. */
function showsSame(row: SetRow, { isChanged, before, expectedNew, unverified, heldEvents }: Given): boolean {
  if (isChanged || row.before !== before) return false;
  const pairs = [
    [row.expectedNew, expectedNew],
    [row.unverified, unverified],
    [row.heldEvents, heldEvents],
  ];
  return pairs.every(([known, given]) => isDeepStrictEqual(known, given));
}

type Given = Omit<SetVerdict, 'lookAt' | 'askAgain'>;

/** The verdict to write: a break is unverified while lost movements may still come. */
function verdictOf({ row, judgement: given, holder, movements, asked }: JudgedSet): Given {
  const unreachable = asked === 'unreachable';
  const judgement = unreachable ? doubted(given) : given;
  const { verdict = null, breaks = [], expectedNew = {}, unknown = [], held = [] } = judgement ?? {};
  return {
    row,
    verdict,
    breaks,
    unverified: unknown,
    heldEvents: held,
    before: holder.before,
    expectedNew,
    judgedThrough: movements.at(-1)?.position.toString() ?? row.judgedThrough,
    isChanged: row.verdict !== verdict || !isDeepStrictEqual(row.breaks, breaks),
    unreachable,
  };
}

interface Folding {
  readonly owed: ReadonlyMap<string, string>;
  readonly now: string;
  readonly rules: Rules;
  readonly old: string | null;
}

interface Written {
  readonly verdict: SetVerdict;
  readonly flow: SetFlowWrite | null;
  readonly alerts: readonly AlertCause[];
}

/** The verdict together with what its flow makes of it. Of whom nothing came has no flow. */
function folded(judged: JudgedSet, given: Given, { owed, now, rules, old }: Folding): Written {
  const { row, flow, movements, asked, workflowId } = judged;
  if (flow === null) return { verdict: { ...given, lookAt: null, askAgain: false }, flow: null, alerts: [] };
  const standing: SetSnapshot = {
    version: row.version,
    verdict: given.verdict,
    breaks: given.breaks.slice(0, MOST_SHOWN),
    unknown: shownUnknowns(given.unverified),
    resolved: !given.isChanged && row.resolution !== null,
    obligationDueAt: owed.get(row.userId) ?? null,
    movements: shownMovements(movements, old),
  };
  const { subject, alerts } = foldVerdict(rules, flow.subject, { moved: flow.moved, asked, standing }, now);
  const isOpen = subject.end === null;
  return {
    verdict: {
      ...given,
      lookAt: isOpen ? (subject.read?.at ?? null) : null,
      askAgain: isOpen && asked === 'unreachable',
    },
    flow: { workflowId, subject },
    alerts: alerts.map((finding) => ({ partner: rules.table.partner, finding, example: workflowId })),
  };
}

/** Causes of one alert for all sets that turned into breaks: it counts them, and names their corporate action first. */
function breakCauses(
  action: CorporateActionKey,
  changes: readonly { readonly one: JudgedSet; readonly verdict: Given }[],
): readonly AlertCause[] {
  const broken = changes.filter(({ one, verdict }) => verdict.verdict === 'break' && one.row.verdict !== 'break');
  return broken.map(({ one }, index) => ({
    partner: action.partner,
    finding: 'break',
    example: index === 0 ? actionWorkflowIdOf(action) : one.workflowId,
  }));
}
