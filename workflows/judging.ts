import { isCancellation, proxyActivities, workflowInfo } from '@temporalio/workflow';

import { foldAsked, foldJudged } from '../src/domain/lifecycles/corporate-actions/fold-set';
import { changed } from '../src/domain/lifecycles/rules';
import type { SubjectKey } from '../src/domain/subject-key';
import { type JudgeActivities, readTaskQueue, type SweepActivities } from './contract';
import { foldChange, type FlowState } from './flow-state';

const ledger = proxyActivities<JudgeActivities>({
  startToCloseTimeout: '1m',
  retry: { initialInterval: '500ms', maximumInterval: '30s' },
  summary: 'judge the set from the ledger',
});

function partner(key: SubjectKey): SweepActivities {
  return proxyActivities<SweepActivities>({
    taskQueue: readTaskQueue(workflowInfo().taskQueue, key.partner),
    startToCloseTimeout: '2m',
    // Without a worker that reaches this partner nobody would ever answer.
    scheduleToStartTimeout: '1m',
    retry: { initialInterval: '1s', maximumInterval: '30s' },
    summary: 'ask the partner for movements that never came',
  });
}

/** Asks the partner what it has sent since the corporate action; what never came is kept and goes the way of every delivery. */
async function ask(memory: FlowState, key: SubjectKey, from: string, now: () => string): Promise<void> {
  const window = { from, to: now(), notBefore: memory.subject.since, movementsOnly: true } as const;
  try {
    const { kept, waitsForBacklog } = await partner(key).sweepPartner(window);
    if (waitsForBacklog) foldChange(memory, (rules, subject) => foldJudged(rules, subject, { kind: 'later' }, now()));
    else foldChange(memory, (_rules, subject) => changed(foldAsked(subject, 'reached', kept, now())));
  } catch (error) {
    if (isCancellation(error)) throw error;
    foldChange(memory, (_rules, subject) => changed(foldAsked(subject, 'unreachable', 0, now())));
  }
}

/** Judges a corporate action's set; before a verdict that is not good the partner is asked, once. */
export async function judge(memory: FlowState, key: SubjectKey, now: () => string): Promise<void> {
  const result = await ledger.judgeSet({ key, asked: memory.subject.asked ?? 'not asked' });
  if (result.kind === 'ask') await ask(memory, key, result.from, now);
  else foldChange(memory, (rules, subject) => foldJudged(rules, subject, result, now()));
}
