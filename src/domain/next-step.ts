import type { ReadPurpose, Subject } from './subject';

/** What a flow does next: end, read the object, or wait (until a moment, or for news alone). */
export type NextStep =
  | { readonly kind: 'finish' }
  | { readonly kind: 'read'; readonly purpose: ReadPurpose }
  | { readonly kind: 'wait'; readonly until: string | null };

/** Decides the next step from what is known and the time alone. */
export function nextStep(subject: Subject, now: string): NextStep {
  if (subject.end !== null) return { kind: 'finish' };
  if (subject.read === null) return { kind: 'wait', until: null };
  const isDue = Date.parse(subject.read.at) <= Date.parse(now);
  return isDue ? { kind: 'read', purpose: subject.read.purpose } : { kind: 'wait', until: subject.read.at };
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
    ]);
  return visible(before) !== visible(after);
}
