import { isCancellation } from '@temporalio/workflow';

import type { JudgeResult } from '../src/domain/lifecycles/corporate-actions/fold-set';
import type { ReadsLedger } from '../src/domain/lifecycles/kinds/kind';
import { changed } from '../src/domain/lifecycles/rules';
import { isPast } from '../src/domain/moments';
import { isOlderThan } from '../src/domain/reading';
import type { SubjectKey } from '../src/domain/subject-key';
import { eventsAt, ledger } from './activities';
import type { JudgeRequest } from './contract';
import { failureMessageOf } from './failure-type';
import { foldChange, type FlowState, type SubjectChange } from './flow-state';
import { priorityOf } from './lanes';
import { meanwhile } from './meanwhile';
import { isRefusal } from './refused-writes';
import { now } from './timer';

/** The judging of a set from the ledger; before a verdict that is not good the partner is asked, once. */
export async function judge(flowState: FlowState, kind: ReadsLedger, key: SubjectKey): Promise<void> {
  const askedAt = now();
  const result = await judgedOrRefused({ key, asked: flowState.subject.asked ?? 'not asked' });
  if (result.kind === 'ask') return askPartner(flowState, kind, key, result.from);
  foldAnswer(flowState, askedAt, (rules, subject) => kind.foldJudged(rules, subject, result, now()));
}

/** The fold of an answer, unless a movement came since it was asked for: then it is asked again, as planned. */
function foldAnswer(flowState: FlowState, askedAt: string, change: SubjectChange): void {
  foldChange(flowState, (rules, subject) => {
    const isOvertaken = isOlderThan({ askedAt }, subject) && isPast(subject.read?.at ?? null, now());
    return isOvertaken && rules.goesNewWay?.('older-reads-prove-nothing') !== false
      ? changed(subject)
      : change(rules, subject);
  });
}

/** The result of judging; a verdict that the database refuses to keep is one, or the flow would fail with it. */
async function judgedOrRefused(request: JudgeRequest): Promise<JudgeResult> {
  try {
    return await ledger.judgeSet(request);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return { kind: 'refused', cause: failureMessageOf(error) };
  }
}

/** Asks the partner what it has sent since the corporate action; what never came is kept and dispatched as every delivery. */
async function askPartner(flowState: FlowState, kind: ReadsLedger, key: SubjectKey, from: string): Promise<void> {
  const askedAt = now();
  const foldAsked = (asked: 'reached' | 'unreachable', kept: number): void => {
    foldAnswer(flowState, askedAt, (_rules, subject) => changed(kind.foldAsked(subject, asked, kept, now())));
  };
  const partner = eventsAt(key.partner, {
    ...priorityOf(flowState.rules.policy, 'judge', 'corporateAction'),
    // Without a worker that reaches this partner nobody would ever answer.
    scheduleToStartTimeout: '1m',
    retry: { initialInterval: '1s', maximumInterval: '30s' },
    summary: 'ask the partner for movements that never came',
  });
  try {
    const window = { from, to: now(), notBefore: flowState.subject.since, movementsOnly: true } as const;
    const { kept, waitsForBacklog } = await meanwhile(flowState, partner.sweepPartner(window));
    if (!waitsForBacklog) return foldAsked('reached', kept);
    foldChange(flowState, (rules, subject) => kind.foldJudged(rules, subject, { kind: 'later' }, now()));
  } catch (error) {
    if (isCancellation(error)) throw error;
    foldAsked('unreachable', 0);
  }
}
