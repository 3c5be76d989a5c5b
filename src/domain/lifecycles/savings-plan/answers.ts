import { backOffMs } from '../../back-off';
import { later } from '../../moments';
import type { Subject } from '../../subject';
import { type Change, changed, type Rules, tellsAll } from '../rules';
import { withChanged } from './plan';
import { contradictPlan, isDenied } from './plan-contradictions';
import { type Recurrence, recurrenceOf } from './recurrence';

/** The answer of our own backend, asked whether to confirm a recurrence. */
export type DecisionAnswer =
  | { readonly kind: 'answered'; readonly confirm: boolean }
  | { readonly kind: 'no answer' }
  /** Nobody is configured to be asked: never confirmed, alerted. */
  | { readonly kind: 'nobody to ask' };

/** The partner's answer to a confirmation; one that it took before counts as taken. */
export type ConfirmationAnswer = { readonly kind: 'confirmed' } | { readonly kind: 'not confirmed' };

/** The fold of a decision; one that comes when nothing is open any more changes nothing. */
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

function decided(one: Recurrence, answer: DecisionAnswer, now: string): Recurrence {
  switch (answer.kind) {
    case 'answered':
      return answer.confirm
        ? { ...one, decision: 'confirm', isWanted: true, actAt: now, failures: 0 }
        : { ...one, decision: 'decline', actAt: null };
    case 'no answer':
      return retried(one, now);
    case 'nobody to ask':
      return { ...one, decision: 'none', actAt: null, warned: true };
  }
}

/** Not policy: the partner's deadline bounds it. */
const RETRY_WAIT = { firstMs: 2_000, longestMs: 60_000 };

/** The recurrence that is asked for or confirmed again soon, then ever less often. */
function retried(one: Recurrence, now: string): Recurrence {
  return { ...one, failures: one.failures + 1, actAt: later(now, backOffMs(RETRY_WAIT, one.failures)) };
}

/** The fold of whether the partner took a confirmation. */
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
    answer.kind === 'confirmed' ? { ...one, confirmedAt: now, actAt: null, failures: 0 } : retried(one, now);
  const plan = withChanged(rules, subject, after, now);
  // Its end came while the partner was taking the confirmation.
  return isDenied(after, after.state) && tellsAll(rules)
    ? contradictPlan(rules, plan, after.state, now)
    : changed(plan);
}
