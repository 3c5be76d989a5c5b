import { isCancellation } from '@temporalio/workflow';

import { foldConfirmation, foldDecision } from '../src/domain/lifecycles/savings-plan/answers';
import type { Recurrence } from '../src/domain/lifecycles/savings-plan/recurrence';
import { millisecondsOf } from '../src/domain/moments';
import type { SubjectKey } from '../src/domain/subject-key';
import { backend, confirmationsAt } from './activities';
import { foldChange, type FlowState } from './flow-state';
import { meanwhile } from './meanwhile';
import { now } from './timer';

/** The next thing for a recurrence: the question whether to confirm it, or its confirmation. */
export function handleRecurrence(flowState: FlowState, key: SubjectKey, recurrence: Recurrence): Promise<void> {
  return (recurrence.decision === 'asked' ? decide : confirm)(flowState, key, recurrence);
}

async function decide(flowState: FlowState, key: SubjectKey, recurrence: Recurrence): Promise<void> {
  const { transactionId } = recurrence;
  const asked = backend.decideRecurrence({ key, recurrence });
  const answer = await answerOr({ kind: 'no answer' } as const, meanwhile(flowState, asked));
  foldChange(flowState, (rules, subject) => foldDecision(rules, subject, transactionId, answer, now()));
}

async function confirm(flowState: FlowState, key: SubjectKey, recurrence: Recurrence): Promise<void> {
  const { transactionId, deadline } = recurrence;
  const leftMs = deadline === null ? Number.POSITIVE_INFINITY : millisecondsOf(deadline) - Date.now();
  const partner = confirmationsAt(key.partner, flowState.rules.policy, leftMs);
  const asked = partner.confirmRecurrence({ key, recurrence });
  const answer = await answerOr({ kind: 'not confirmed' } as const, meanwhile(flowState, asked));
  foldChange(flowState, (rules, subject) => foldConfirmation(rules, subject, transactionId, answer, now()));
}

/** The activity's answer, or the given one where it failed. */
async function answerOr<T>(failed: T, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (isCancellation(error)) throw error;
    return failed;
  }
}
