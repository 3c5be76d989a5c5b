import type { Resolution } from './lifecycles/corporate-actions/set-news';
import { endSubject, type Rules } from './lifecycles/rules';
import { extendPlan } from './lifecycles/savings-plan/plan';
import type { Subject } from './subject';
import type { FlowAction } from './subject-write';

/** The newest stay: the audit of the store keeps them all. */
const MOST_ACTIONS = 10;

/** The deeds with one more. */
export function withAction(deeds: readonly FlowAction[], deed: FlowAction): readonly FlowAction[] {
  return [...deeds, deed].slice(-MOST_ACTIONS);
}

/** An operator asks for a read now; it counts nothing as recovered. */
export function refetchSubject(subject: Subject, now: string): Subject {
  const purpose = subject.waitingFor.includes('agreement') ? 'agreement' : 'operator';
  // Of a corporate action's set the partner's events are what can be read again.
  const { asked, ...rest } = subject;
  return { ...rest, read: { at: now, purpose } };
}

/** An operator gives the partner more time: what is owed is due the given seconds from now, and overdue no more. */
export function extendSubject(subject: Subject, seconds: number, now: string): Subject {
  const dueAt = new Date(Date.parse(now) + seconds * 1000).toISOString();
  const purpose = subject.waitingFor.includes('agreement') ? 'agreement' : 'overdue';
  return { ...extendPlan(subject, dueAt), dueAt, overdue: false, step: 0, tries: 0, read: { at: dueAt, purpose } };
}

/** Who ends a subject by hand, why, and as what. */
export type ResolveRequest = Pick<Resolution, 'by' | 'reason' | 'result'>;

/** An operator ends a subject by hand; its state stays what the partner said last, and one of a kind that wakes still does. */
export function resolveSubject({ table }: Rules, subject: Subject, request: ResolveRequest, now: string): Subject {
  const ended = endSubject(subject, now, 'operator', table.wakes === true);
  return table.lifecycle === 'corporateAction' ? { ...ended, resolution: { ...request, at: now } } : ended;
}
