import { erasePerson } from '../../operator/erase';
import { fromStore, type OperationsDependencies } from './dependencies';
import { Id, partnerName, Reason, Truth } from './fields';
import { type Operation, withBody } from './operation';

/** Route that erases a person. One that takes too long answers 503 and goes on; the same again shows what it came to. */
export function erasureOperations({ database, encryption, partners }: OperationsDependencies): readonly Operation[] {
  return [
    withBody({
      method: 'post',
      path: '/operations/erasures',
      summary:
        'Erases a person by the partner’s id of the user: bodies, personal headers, read objects, references, facts, data of messages. States, amounts and ids of partners stay. dryRun only counts.',
      answers: { 200: 'Erasure', 422: 'A field has a bad value.' },
      badBodyStatus: 422,
      required: { userId: Id, reason: Reason },
      optional: { partner: partnerName(partners), dryRun: Truth },
      async handle({ who, body: { userId, reason, partner = null, dryRun = false } }) {
        const request = { userId, reason, partner, dryRun, by: who };
        const body = await fromStore(() => erasePerson({ database, encryption, partners }, request));
        return { status: 200, body };
      },
    }),
  ];
}
