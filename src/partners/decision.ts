import * as t from 'io-ts';

import { callPartner, decodeAnswer } from './http-client';

const Decision = t.type({ confirm: t.boolean });

/** Question to our own backend about a recurrence it has to decide on, in the words of the interface. */
export interface DecisionQuestion {
  readonly savingsPlanId: string;
  readonly transactionId: string;
  readonly userId: string | null;
  readonly amount: string | null;
  readonly currency: string | null;
  readonly deadline: string | null;
}

const TIMEOUT_MS = 10_000;

/** Asks our backend whether to confirm a recurrence. Throws `ReadFailure` where no understandable answer came. */
export async function askDecision(url: string, question: DecisionQuestion): Promise<boolean> {
  const call = { method: 'POST', url, json: question, signal: AbortSignal.timeout(TIMEOUT_MS) } as const;
  return decodeAnswer(Decision, await callPartner(call), 'the decision').confirm;
}
