import { backOffMs } from '../../back-off';
import { later } from '../escalate';
import { type Change, changed, type Rules } from '../rules';
import type { Subject } from '../../subject';
import { withChanged } from './plan';
import type { Recurrence } from './recurrence';

/** What our own backend answered when it was asked whether to confirm a recurrence. */
export type DecisionAnswer =
  | { readonly kind: 'answered'; readonly confirm: boolean }
  | { readonly kind: 'no answer' }
  /** Nobody is configured to be asked: never confirmed, alerted. */
  | { readonly kind: 'nobody to ask' };

/** Whether the partner took a confirmation; having taken it before counts. */
export type ConfirmationAnswer = { readonly kind: 'confirmed' } | { readonly kind: 'not confirmed' };

const ANSWER_WAIT = { firstMs: 2_000, longestMs: 60_000 };

/** Asked again soon, then ever less often; not policy: the partner's deadline bounds it. */
function withLaterTry(one: Recurrence, now: string): Recurrence {
  return { ...one, failures: one.failures + 1, actAt: later(now, backOffMs(ANSWER_WAIT, one.failures)) };
}

function recurrenceOf(subject: Subject, transactionId: string): Recurrence | undefined {
  return subject.recurrences?.find((one) => one.transactionId === transactionId);
}

function decided(one: Recurrence, answer: DecisionAnswer, now: string): Recurrence {
  switch (answer.kind) {
    case 'answered':
      return answer.confirm
        ? { ...one, decision: 'confirm', actAt: now, failures: 0 }
        : { ...one, decision: 'decline', actAt: null };
    case 'no answer':
      return withLaterTry(one, now);
    case 'nobody to ask':
      return { ...one, decision: 'none', actAt: null, warned: true };
  }
}

/** Folds what was decided; an answer that comes when nothing is open any more changes nothing. */
export function foldDecision(
  rules: Rules,
  subject: Subject,
  transactionId: string,
  answer: DecisionAnswer,
  now: string,
): Change {
  const one = recurrenceOf(subject, transactionId);
  if (one?.decision !== 'asked' || one.final) return changed(subject);
  const after = decided(one, answer, now);
  const alerts = answer.kind === 'nobody to ask' && !one.warned ? (['unconfirmed'] as const) : [];
  return changed(withChanged(rules, subject, after, now), alerts);
}

/** Folds whether the partner took the confirmation. */
export function foldConfirmation(
  rules: Rules,
  subject: Subject,
  transactionId: string,
  answer: ConfirmationAnswer,
  now: string,
): Change {
  const one = recurrenceOf(subject, transactionId);
  if (one?.confirmedAt !== null) return changed(subject);
  const after =
    answer.kind === 'confirmed' ? { ...one, confirmedAt: now, actAt: null, failures: 0 } : withLaterTry(one, now);
  return changed(withChanged(rules, subject, after, now));
}
