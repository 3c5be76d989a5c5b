import type { Kysely } from 'kysely';

import type { Expectation, ExpectationAnswer } from '../domain/expectation';
import { changed, type Rules } from '../domain/lifecycles/rules';
import { isCanceled } from '../domain/lifecycles/states/requests';
import { tellExpectation, type Told } from '../domain/lifecycles/states/tell-expectation';
import type { AlertKind, Subject } from '../domain/subject';
import { updateClosedSubject } from '../store/flows/subjects';
import { raiseAlerts } from '../store/outbox/alerts';
import type { Tables } from '../store/schema/tables';

/** A subject that has ended: no flow takes anything any more. */
interface EndedSubject {
  readonly workflowId: string;
  readonly rules: Rules;
  readonly alertWindowMs: number;
}

/**
 * An expectation held against an end. What has come already is known; a payment is compared with what came; a cancellation
 * or a change of what is over is refused.
 */
export async function tellEnded(
  database: Kysely<Tables>,
  ended: EndedSubject,
  expectation: Expectation,
): Promise<ExpectationAnswer> {
  let answer: ExpectationAnswer = { kind: 'existing' };
  if (expectation.kind === 'created') return answer;
  await database.transaction().execute(async (transaction) => {
    const alerts: AlertKind[] = [];
    await updateClosedSubject(transaction, ended.workflowId, (subject) => {
      const told = tell(ended.rules, subject, expectation);
      answer = told.answer;
      alerts.push(...told.alerts);
      return told.subject;
    });
    const causes = alerts.map((finding) => ({
      partner: ended.rules.table.partner,
      finding,
      example: ended.workflowId,
    }));
    await raiseAlerts(transaction, causes, ended.alertWindowMs);
  });
  return answer;
}

function tell(rules: Rules, subject: Subject, expectation: Expectation): Told {
  if (expectation.kind === 'canceled' || expectation.kind === 'changed') {
    const wasCanceled = subject.statesSeen.some((state) => isCanceled(rules.table, state));
    const isKnown = expectation.kind === 'canceled' && wasCanceled;
    const expected = 'an object that has not ended';
    const problem = { path: 'id', expected, found: subject.end?.state ?? 'one without a state' };
    return { ...changed(subject), answer: isKnown ? { kind: 'existing' } : { kind: 'contradicting', problem } };
  }
  return tellExpectation(rules, subject, expectation, new Date().toISOString());
}
