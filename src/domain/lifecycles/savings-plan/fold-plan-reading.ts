import { isPast } from '../../moments';
import { isOlderThan, type ReadResult } from '../../reading';
import type { ReadPurpose, Subject } from '../../subject';
import { escalate, findingOf, waitForBacklog } from '../escalate';
import { type Change, changed, note, type Rules } from '../rules';
import { arrangePlan, cancelPlan } from './plan';

/** The fold of a reading of a savings plan: it says whether the plan lives, and nothing of its recurrences. */
export function foldPlanReading(
  rules: Rules,
  subject: Subject,
  purpose: ReadPurpose,
  result: ReadResult,
  now: string,
): Change {
  const { reading, backlog } = result;
  if (subject.end !== null) return changed(subject);
  const isOverdue = purpose === 'overdue';
  const isOvertaken = !isPast(subject.read?.at ?? null, now);
  const isCanceled = reading.kind === 'object' && reading.status === 'canceled' && subject.state !== 'canceled';
  // A webhook spoke of the plan since it was asked for: the object has to say so again.
  if (isCanceled && isOlder(rules, subject, result)) return changed({ ...subject, read: { at: now, purpose: 'fill' } });
  if (isCanceled && !backlog) return foldCanceled(rules, subject, isOverdue && !isOvertaken, now);
  if (isOvertaken) return changed(subject);
  // Deliveries of ours wait for dispatch: the webhook that says so may be among them, and nothing was lost.
  if (isCanceled && isOverdue) return changed(waitForBacklog(subject, now));
  if (!isOverdue) return changed(resume(rules, subject, now));
  const { finding, found } = findingOf(reading, false);
  return escalate(rules, subject, finding, found, now);
}

function isOlder(rules: Rules, subject: Subject, result: ReadResult): boolean {
  return isOlderThan(result, subject) && rules.goesNewWay?.('older-reads-prove-nothing') !== false;
}

/** The plan was canceled and no webhook said so. */
function foldCanceled(rules: Rules, subject: Subject, isOverdue: boolean, now: string): Change {
  const noted = isOverdue ? note(rules, subject, 'missed', 'canceled', now) : subject;
  const canceled = cancelPlan(rules, { ...noted, overdue: false }, 'read', now);
  return changed(canceled, isOverdue ? ['missed'] : [], isOverdue ? 1 : 0);
}

/** The wait as it was before an operator's read that brought nothing. */
function resume(rules: Rules, subject: Subject, now: string): Subject {
  if (subject.overdue) return { ...subject, read: { at: now, purpose: 'overdue' } };
  return arrangePlan(rules, subject, now);
}
