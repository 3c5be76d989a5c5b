import type { Expectation, Expected, ExpectationAnswer, RequestKind, Sum } from '../../expectation';
import { later } from '../../moments';
import { dueAfter } from '../../policy';
import type { Subject } from '../../subject';
import { type Change, changed, type Rules } from '../rules';
import { arrange, arrangeUnderPolicy } from './arrange';
import { compareSum } from './payments';
import { isCanceled, settleRequests } from './requests';

/** A subject after it was told of an expectation, with the answer to whoever told it. */
export interface Told extends Change {
  readonly answer: ExpectationAnswer;
}

/**
 * The fold of an expectation of our own backend; synchronous, never throws. The same again changes nothing: the first
 * request of a kind stands until it is answered, and one payment has one sum. A validity that is said anew counts, for an
 * order may be changed.
 */
export function tellExpectation(rules: Rules, subject: Subject, expectation: Expectation, now: string): Told {
  const { kind, sum, validUntil } = expectation;
  switch (kind) {
    case 'created':
      return tellValidity(rules, subject, validUntil, now);
    case 'canceled':
      if (subject.statesSeen.some((state) => isCanceled(rules.table, state))) return told('existing', changed(subject));
      return tellRequest(rules, subject, 'cancellation', expectation, now);
    case 'changed': {
      const valid = tellValidity(rules, subject, validUntil, now);
      const asked = tellRequest(rules, valid.subject, 'change', expectation, now);
      return valid.answer.kind === 'registered' ? { ...asked, answer: valid.answer } : asked;
    }
    case 'deposit':
    case 'payout':
      return tellSum(rules, subject, sum, now);
  }
}

function told(kind: 'registered' | 'existing', change: Change): Told {
  return { ...change, answer: { kind } };
}

/** The subject whose order is valid until then. What was overdue before is so no more, if the order may stand longer. */
function tellValidity(rules: Rules, subject: Subject, validUntil: string | undefined, now: string): Told {
  if (validUntil === undefined || subject.expected?.validUntil === validUntil)
    return told('existing', changed(subject));
  const known = withExpected(subject, { validUntil });
  const stands = rules.table.states[subject.state ?? '']?.standsWhileValid === true && subject.end === null;
  if (!stands) return told('registered', changed(known));
  if (!subject.overdue) return told('registered', changed(arrangeUnderPolicy(rules, known)));
  const isLonger = Date.parse(validUntil) > Date.parse(now);
  const calm: Subject = { ...known, overdue: false, finding: null, step: 0, tries: 0 };
  return told('registered', changed(isLonger ? arrange(rules, calm, true, now) : known));
}

/** The subject of a request that the partner owes an answer to; one that rests waits for it. */
function tellRequest(
  rules: Rules,
  subject: Subject,
  kind: RequestKind,
  { dueWithinMs }: Expectation,
  now: string,
): Told {
  if (subject.expected?.[kind] !== undefined) return told('existing', changed(subject));
  const { policy } = rules;
  const dueAt = dueWithinMs === undefined ? dueAfter(policy, policy.firstDue, now) : later(now, dueWithinMs);
  const awake = subject.end === null ? subject : awaken(subject, dueAt, now);
  const asked = withExpected(awake, { [kind]: { askedAt: now, dueAt, tries: 0 } });
  return told('registered', settleRequests(rules, withFact(asked, kind, 'asked'), now));
}

function awaken(subject: Subject, dueAt: string, now: string): Subject {
  const calm = { end: null, overdue: false, finding: null, step: 0, tries: 0 } as const;
  return { ...subject, ...calm, since: now, waitingFor: ['notification'], dueAt, read: null };
}

/** The subject with the sum that we expect to come under its reference, compared with what has come already. */
function tellSum(rules: Rules, subject: Subject, sum: Sum | undefined, now: string): Told {
  if (sum === undefined) return told('existing', changed(subject));
  const known = subject.expected?.sum;
  if (known === undefined) return told('registered', compareSum(rules, withExpected(subject, { sum }), now));
  if (known.amount === sum.amount && known.currency === sum.currency) return told('existing', changed(subject));
  const path = known.amount === sum.amount ? 'currency' : 'amount';
  const expected = `${known[path]}, which was said before: one payment has one sum`;
  return {
    ...changed(subject),
    answer: { kind: 'contradicting', problem: { path, expected, found: sum[path] } },
  };
}

function withExpected(subject: Subject, said: Expected): Subject {
  return { ...subject, expected: { ...subject.expected, ...said } };
}

function withFact(subject: Subject, name: string, value: string): Subject {
  return { ...subject, facts: { ...subject.facts, [name]: value } };
}
