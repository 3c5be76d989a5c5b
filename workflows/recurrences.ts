import { isCancellation, proxyActivities, workflowInfo } from '@temporalio/workflow';

import type { SubjectKey } from '../src/domain/subject-key';
import { foldConfirmation, foldDecision } from '../src/domain/lifecycles/savings-plan/answers';
import type { Recurrence } from '../src/domain/lifecycles/savings-plan/recurrence';
import { type ConfirmationActivities, type DecisionActivities, readTaskQueue } from './contract';
import { foldChange, type FlowState } from './flow-state';

/** One try each: the flow itself asks again, so that it can alert and give up at the deadline in between. */
const ONE_TRY = { maximumAttempts: 1 };

const backend = proxyActivities<DecisionActivities>({
  startToCloseTimeout: '20s',
  scheduleToStartTimeout: '1m',
  retry: ONE_TRY,
  summary: 'ask whether to confirm the recurrence',
});

function partner(key: SubjectKey): ConfirmationActivities {
  return proxyActivities<ConfirmationActivities>({
    taskQueue: readTaskQueue(workflowInfo().taskQueue, key.partner),
    startToCloseTimeout: '20s',
    scheduleToStartTimeout: '1m',
    retry: ONE_TRY,
    summary: 'confirm the recurrence before its deadline',
  });
}

/** The activity's answer, or the given one where it failed. */
async function orElse<T>(failed: T, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (isCancellation(error)) throw error;
    return failed;
  }
}

/** Asks our backend whether a recurrence is to be confirmed. */
async function decide(memory: FlowState, key: SubjectKey, recurrence: Recurrence, now: () => string): Promise<void> {
  const answer = await orElse({ kind: 'no answer' } as const, () => backend.decideRecurrence({ key, recurrence }));
  foldChange(memory, (rules, subject) => foldDecision(rules, subject, recurrence.transactionId, answer, now()));
}

/** Confirms a recurrence at the partner. */
async function confirm(memory: FlowState, key: SubjectKey, recurrence: Recurrence, now: () => string): Promise<void> {
  const failed = { kind: 'not confirmed' } as const;
  const answer = await orElse(failed, () => partner(key).confirmRecurrence({ key, recurrence }));
  foldChange(memory, (rules, subject) => foldConfirmation(rules, subject, recurrence.transactionId, answer, now()));
}

/** Does the next thing for a recurrence: ask whether to confirm it, or confirm it. */
export async function handleRecurrence(
  memory: FlowState,
  key: SubjectKey,
  recurrence: Recurrence,
  now: () => string,
): Promise<void> {
  const act = recurrence.decision === 'asked' ? decide : confirm;
  await act(memory, key, recurrence, now);
}
