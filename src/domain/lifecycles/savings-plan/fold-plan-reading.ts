import { escalate, waitForBacklog } from '../escalate';
import { type Change, changed, note, type Rules } from '../rules';
import type { ReadResult } from '../../reading';
import type { ReadPurpose, Subject } from '../../subject';
import { arrangePlan } from './plan';

/** The plan was canceled and no webhook said so: what is open may still end, and nobody is asked any more. */
function foldCanceled(rules: Rules, subject: Subject, isOverdue: boolean, now: string): Change {
  const recurrences = (subject.recurrences ?? []).map((one) =>
    one.decision === 'asked' ? { ...one, decision: 'none' as const, actAt: null } : one,
  );
  const noted = isOverdue ? note(subject, 'missed', 'canceled', now) : subject;
  const told: Subject = { ...noted, state: 'canceled', stateBy: 'read', since: now, recurrences, overdue: false };
  return changed(arrangePlan(rules, told, now), isOverdue ? ['missed'] : [], isOverdue ? 1 : 0);
}

/** Where an operator's read brought nothing new, the wait goes on as it was. */
function resume(rules: Rules, subject: Subject, now: string): Subject {
  if (subject.overdue) return { ...subject, read: { at: now, purpose: 'overdue' } };
  return arrangePlan(rules, subject, now);
}

/** Folds what reading a savings plan gave: it says whether the plan lives, and nothing of its recurrences. */
export function foldPlanReading(
  rules: Rules,
  subject: Subject,
  purpose: ReadPurpose,
  { reading, backlog }: ReadResult,
  now: string,
): Change {
  if (subject.end !== null) return changed(subject);
  const isOverdue = purpose === 'overdue';
  const isOvertaken = subject.read === null || Date.parse(subject.read.at) > Date.parse(now);
  const isCanceled = reading.kind === 'object' && reading.status === 'canceled' && subject.state !== 'canceled';
  if (isCanceled && !backlog) return foldCanceled(rules, subject, isOverdue && !isOvertaken, now);
  if (isOvertaken) return changed(subject);
  // Our own deliveries wait: the webhook that says so may be among them, and nothing was lost.
  if (isCanceled && isOverdue) return changed(waitForBacklog(subject, now));
  if (!isOverdue) return changed(resume(rules, subject, now));
  switch (reading.kind) {
    case 'absent':
      return escalate(rules, subject, 'absent', null, now);
    case 'unreachable':
      return escalate(rules, subject, 'unreachable', reading.cause, now);
    case 'object':
      return escalate(rules, subject, 'slow', reading.status, now);
  }
}
