import * as t from 'io-ts';

import type { DecisionAnswer } from '../src/domain/savings-plan/answers';
import { callPartner, decodeAnswer } from '../src/partners/http-client';
import type { DecisionActivities, RecurrenceRequest } from '../workflows/contract';

/** Who decides on savings plans: a URL of our own backend, `auto` confirms everything, null confirms nothing. */
export type DecisionMaker = 'auto' | { readonly url: string } | null;

const Answer = t.type({ confirm: t.boolean });

const TIMEOUT_MS = 10_000;

/** Asks by `POST`, JSON, in the words of interface.md. Throws `ReadFailure` where no understandable answer came. */
async function ask(url: string, { key, recurrence }: RecurrenceRequest): Promise<DecisionAnswer> {
  const { transactionId, userId, amount, currency, deadline } = recurrence;
  const json = { savingsPlanId: key.id, transactionId, userId, amount, currency, deadline };
  const answer = await callPartner({ method: 'POST', url, json, signal: AbortSignal.timeout(TIMEOUT_MS) });
  const { confirm } = decodeAnswer(Answer, answer, 'the decision');
  return { kind: 'answered', confirm };
}

/** The activity by which a savings plan asks what is to become of a recurrence. */
export function createDecisionActivities(maker: DecisionMaker): DecisionActivities {
  return {
    decideRecurrence(request) {
      if (maker === null) return Promise.resolve({ kind: 'nobody to ask' });
      if (maker === 'auto') return Promise.resolve({ kind: 'answered', confirm: true });
      return ask(maker.url, request);
    },
  };
}
