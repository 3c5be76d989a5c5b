import { canonicalDecimal } from '../../codecs/decimal';
import { EXPECTATION_KINDS } from '../../domain/expectation';
import { fromStore, type OperationsDependencies } from './dependencies';
import { Amount, Currency, Id, Moment, Name, oneOf, Reference, Seconds } from './fields';
import { type Operation, withBody } from './operation';
import { away, badValue } from './problems';

/** Routes by which our own backend registers what it created, so that a first webhook that never comes is noticed. */
export function expectationOperations({ registerExpectation }: OperationsDependencies): readonly Operation[] {
  return [
    withBody({
      method: 'post',
      path: '/operations/expectations',
      summary:
        'Registers what is owed of an object: its first notification, the answer to a cancellation or a change, a payment. 200 where it is known already.',
      answers: {
        200: 'Expectation',
        201: 'Expectation',
        409: 'It has ended, or another sum was said of it.',
        422: 'No flow follows such an object, or nothing of the kind can be said of it.',
      },
      required: { partner: Name },
      optional: {
        object: Name,
        id: Id,
        kind: oneOf(EXPECTATION_KINDS),
        dueWithinSeconds: Seconds,
        validUntil: Moment,
        amount: Amount,
        currency: Currency,
        reference: Reference,
        userId: Id,
      },
      async handle({ who, body }) {
        const { amount: sent, ...given } = body;
        const amount = sent === undefined ? {} : { amount: canonicalDecimal(sent) ?? sent };
        const result = await fromStore(() => registerExpectation({ ...given, ...amount }, who));
        switch (result.kind) {
          case 'registered':
            return { status: 201, body: { workflowId: result.workflowId } };
          case 'existing':
            return { status: 200, body: { workflowId: result.workflowId } };
          case 'unknown':
            throw badValue(result.problem, 422);
          case 'conflict':
            throw badValue(result.problem, 409);
          case 'no-worker':
            throw away('no worker answered within 10 s');
          case 'temporal-away':
            throw away('Temporal is away');
        }
      },
    }),
  ];
}
