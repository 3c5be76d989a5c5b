import type { Rules } from './rules';
import { passingMoments } from './savings-plan/plan';
import { isUnconfirmed, type Recurrence } from './savings-plan/recurrence';
import type { ReadPurpose, Subject } from '../subject';

/** What a flow does next: end, read the object, see to a recurrence, or wait (until a moment, or for news alone). */
export type NextStep =
  | { readonly kind: 'finish' }
  | { readonly kind: 'see to'; readonly recurrence: Recurrence }
  /** A moment has come that changes something by itself. */
  | { readonly kind: 'pass time' }
  | { readonly kind: 'read'; readonly purpose: ReadPurpose }
  | { readonly kind: 'wait'; readonly until: string | null };

function isPast(time: string, now: string): boolean {
  return Date.parse(time) <= Date.parse(now);
}

function toActOn({ recurrences = [] }: Subject): readonly Recurrence[] {
  return recurrences.filter((one) => isUnconfirmed(one) && one.actAt !== null);
}

/** What a savings plan's recurrences ask for: a deadline that passes comes before everything, then asking and confirming. */
function planStep(rules: Rules, subject: Subject, now: string): NextStep | null {
  if (passingMoments(rules, subject).some((time) => isPast(time, now))) return { kind: 'pass time' };
  const due = toActOn(subject).find(({ actAt }) => actAt !== null && isPast(actAt, now));
  if (due === undefined) return null;
  return { kind: 'see to', recurrence: due };
}

function earlier(a: string | null, b: string): string {
  return a === null || Date.parse(b) < Date.parse(a) ? b : a;
}

/** Decides the next step from what is known and the time alone. */
export function nextStep(rules: Rules, subject: Subject, now: string): NextStep {
  if (subject.end !== null) return { kind: 'finish' };
  const plan = subject.recurrences === undefined ? null : planStep(rules, subject, now);
  if (plan !== null) return plan;
  if (subject.read !== null && isPast(subject.read.at, now)) return { kind: 'read', purpose: subject.read.purpose };
  const acting = toActOn(subject).flatMap(({ actAt }) => (actAt === null ? [] : [actAt]));
  const moments = [...passingMoments(rules, subject), ...acting];
  return { kind: 'wait', until: moments.reduce(earlier, subject.read?.at ?? null) };
}

/** What is shown of a recurrence; how often it was tried is not worth a write. */
function visibleOf({ transactionId, state, deadline, decision, confirmedAt, final }: Recurrence): readonly unknown[] {
  return [transactionId, state, deadline, decision, confirmedAt, final];
}

/** True when an operator would see a difference: only then is writing the row worth an activity. */
export function looksDifferent(before: Subject | null, after: Subject): boolean {
  if (before === null) return true;
  const visible = (subject: Subject): string =>
    JSON.stringify([
      subject.state,
      subject.waitingFor,
      subject.dueAt,
      subject.overdue,
      subject.finding,
      subject.findings.length,
      subject.reason,
      subject.end,
      ...(subject.facts === undefined ? [] : [subject.facts]),
      ...(subject.recurrences === undefined ? [] : [subject.recurrences.map(visibleOf)]),
    ]);
  return visible(before) !== visible(after);
}
