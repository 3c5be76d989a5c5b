import type { DecisionAnswer } from '../src/domain/lifecycles/savings-plan/answers';
import { askDecision } from '../src/partners/decision';
import type { DecisionActivities, RecurrenceRequest } from '../workflows/contract';
import { readFailure } from './failures';

/** The one who decides on savings plans: a URL of our own backend, `auto` confirms everything, null confirms nothing. */
export type DecisionMaker = 'auto' | { readonly url: string } | null;

async function ask(url: string, { key, recurrence }: RecurrenceRequest): Promise<DecisionAnswer> {
  const { transactionId, userId, amount, currency, deadline } = recurrence;
  try {
    const question = { savingsPlanId: key.id, transactionId, userId, amount, currency, deadline };
    return { kind: 'answered', confirm: await askDecision(url, question) };
  } catch (error) {
    throw readFailure(error, true);
  }
}

/** The activity by which a savings plan asks whether a recurrence is to be confirmed. Throws what `readFailure` makes. */
export function createDecisionActivities(maker: DecisionMaker): DecisionActivities {
  return {
    decideRecurrence(request) {
      if (maker === null) return Promise.resolve({ kind: 'nobody to ask' });
      if (maker === 'auto') return Promise.resolve({ kind: 'answered', confirm: true });
      return ask(maker.url, request);
    },
  };
}
