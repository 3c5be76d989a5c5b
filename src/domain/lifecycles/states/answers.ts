import type { ReadResult } from '../../reading';
import type { ReadPurpose, Subject } from '../../subject';
import type { Change, Folded, Rules } from '../rules';
import type { StateNotification } from './fold-notification';
import { foldReading } from './fold-reading';
import { compareSum } from './payments';
import { dueRequest, foldRequestRead, rest, settleChange, settleRequests } from './requests';

/** The fold of a notification, with what it says of that which our own backend has told of the subject. */
export function withAnswers(
  rules: Rules,
  before: Subject,
  { status, reason }: StateNotification,
  folded: Folded,
  now: string,
): Folded {
  if (before.expected === undefined || folded.outcome === 'late') return folded;
  const heard = settleChange(folded.subject, status === null && reason !== null);
  return { ...folded, ...heldAgainst(rules, before, { ...folded, subject: heard }, now) };
}

/** The fold of a read: of one that an unanswered request asked for, or of any other, held against what we have told. */
export function foldReadOrAnswer(
  rules: Rules,
  subject: Subject,
  purpose: ReadPurpose,
  result: ReadResult,
  now: string,
): Change {
  const request = purpose === 'overdue' ? dueRequest(subject, now) : null;
  const change =
    request === null
      ? foldReading(rules, subject, purpose, result, now)
      : foldRequestRead(rules, subject, request, result, now);
  return subject.expected === undefined ? change : heldAgainst(rules, subject, change, now);
}

/** The change with its requests settled, and with a payment that has just come compared with what we said of it. */
function heldAgainst(rules: Rules, before: Subject, change: Change, now: string): Change {
  const settled = settleRequests(rules, change.subject, now);
  const isNews = settled.subject.facts?.amount !== before.facts?.amount;
  const { subject, alerts } = isNews ? compareSum(rules, settled.subject, now) : settled;
  return { ...change, subject: rest(rules, subject, now), alerts: [...change.alerts, ...alerts] };
}
