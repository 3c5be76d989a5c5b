import type { Resolution } from './lifecycles/corporate-actions/set-news';
import { kindOf } from './lifecycles/kinds';
import { endSubject, type Rules } from './lifecycles/rules';
import { later } from './moments';
import type { Subject } from './subject';
import type { FlowAction } from './subject-write';

/** The newest stay: the audit of the store keeps them all. */
const MOST_ACTIONS = 10;

/** The newest operator actions with one more. */
export function withAction(actions: readonly FlowAction[], action: FlowAction): readonly FlowAction[] {
  return [...actions, action].slice(-MOST_ACTIONS);
}

/** The subject after an operator asked for a read now; it counts nothing as recovered. */
export function refetchSubject(subject: Subject, now: string): Subject {
  // Of a corporate action's set the partner's events are what can be read again.
  const { asked, ...rest } = subject;
  return { ...rest, read: { at: now, purpose: purposeOr('operator', subject) } };
}

/** An agreement that is awaited is what the next read has to bring, whatever it is made for. */
function purposeOr<P extends 'operator' | 'overdue'>(purpose: P, { waitingFor }: Subject): P | 'agreement' {
  return waitingFor.includes('agreement') ? 'agreement' : purpose;
}

/** The subject whose partner an operator gave more time: what is owed is due the given seconds from now, and overdue no more. */
export function extendSubject(subject: Subject, seconds: number, now: string): Subject {
  const dueAt = later(now, seconds * 1000);
  const extended = kindOf(subject.lifecycle).extend(subject, dueAt);
  const read = { at: dueAt, purpose: purposeOr('overdue', subject) };
  return { ...extended, dueAt, overdue: false, step: 0, tries: 0, read };
}

/** A request to end a subject by hand: by whom, why, and as what. */
export type ResolveRequest = Pick<Resolution, 'by' | 'reason' | 'result'>;

/** The subject that an operator ended by hand; its state stays what the partner said last, and one of a table that wakes starts again with the next notification. */
export function resolveSubject({ table }: Rules, subject: Subject, request: ResolveRequest, now: string): Subject {
  const ended = endSubject(subject, now, 'operator', table.wakes === true);
  return kindOf(table.lifecycle).resolve(ended, { ...request, at: now });
}

/**
 * The subject under another policy: what it waits for now is due by the new one, counted from when the wait began. What
 * is overdue already stays so, and a time that an operator or our own backend gave is not ours to change.
 */
export function underPolicy(rules: Rules, subject: Subject, now: string): Subject {
  if (subject.end !== null || subject.overdue) return subject;
  return kindOf(rules.table.lifecycle).underPolicy(rules, subject, now);
}
