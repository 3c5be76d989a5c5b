import { underSetPolicy } from './lifecycles/corporate-actions/fold-set';
import { arrangePlan } from './lifecycles/savings-plan/plan';
import { dueForState, type Rules } from './lifecycles/rules';
import type { Subject } from './subject';

/**
 * The subject under another policy: what it waits for now is due by the new one, counted from when the wait began. What
 * is overdue already stays so, and a time that an operator or our own backend gave is not ours to change.
 */
export function underPolicy(rules: Rules, subject: Subject, now: string): Subject {
  if (subject.end !== null || subject.overdue) return subject;
  if (subject.lifecycle === 'corporateAction') return underSetPolicy(rules, subject);
  if (subject.recurrences !== undefined) return arrangePlan(rules, subject, now);
  if (subject.state === null || subject.read?.purpose !== 'overdue') return subject;
  const dueAt = dueForState(rules, subject);
  return { ...subject, dueAt, read: { at: dueAt, purpose: 'overdue' } };
}
