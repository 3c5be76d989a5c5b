import { fromStore, type OperationsDependencies } from './dependencies';
import { Id, Name, Seconds } from './fields';
import { type Operation, withBody } from './operation';
import { away, badValue } from './problems';

/** Routes by which our own backend registers what it created, so that a first webhook that never comes is noticed. */
export function expectationOperations({ registerExpectation }: OperationsDependencies): readonly Operation[] {
  return [
    withBody({
      method: 'post',
      path: '/operations/expectations',
      summary: 'Starts the flow of an object whose first notification is owed; 200 where it is open or has ended.',
      answers: { 200: 'Expectation', 201: 'Expectation', 422: 'No flow follows such an object.' },
      required: { partner: Name, object: Name, id: Id },
      optional: { dueWithinSeconds: Seconds },
      async handle({ who, body: { partner, object, id, dueWithinSeconds } }) {
        const due = dueWithinSeconds === undefined ? {} : { dueWithinSeconds };
        const result = await fromStore(() => registerExpectation({ partner, object, id, ...due }, who));
        switch (result.kind) {
          case 'registered':
            return { status: 201, body: { workflowId: result.workflowId } };
          case 'existing':
            return { status: 200, body: { workflowId: result.workflowId } };
          case 'unknown':
            throw badValue(result.problem, 422);
          case 'temporal-away':
            throw away('Temporal is away');
        }
      },
    }),
  ];
}
