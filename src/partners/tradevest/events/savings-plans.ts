import * as t from 'io-ts';

import { MachineWord, ObjectId } from '../../../codecs/primitives';
import { sealed, side } from '../../../codecs/side-fields';
import { defineStateEvent } from '../../event';
import { tradevestSavingsPlan } from '../lifecycles/savings-plan';
import { changeOf, timed, ValidationError } from '../object-body';

const { validationError: _, ...changeFields } = changeOf(tradevestSavingsPlan).props;

const Body = t.intersection([
  t.type({ savingsPlanId: ObjectId }),
  t.partial({
    ...changeFields,
    customerId: side(ObjectId),
    externalId: sealed('our own reference may name a person'),
    // Whether it is a word by itself, or an object like everywhere else, is not printed.
    validationError: side(t.union([MachineWord, ValidationError])),
  }),
]);
type Body = t.TypeOf<typeof Body>;

/** A savings plan of Tradevest's moved. Its executions are orders, which have webhooks of their own. */
export const savingsPlans = defineStateEvent({
  table: tradevestSavingsPlan,
  event: 'SAVINGS_PLANS_NOTIFICATION',
  route: 'savings-plans-notification',
  body: Body,
  id: (body) => body.savingsPlanId,
  status: ({ status }) => status ?? null,
  reason: reasonOf,
  ...timed,
  facts: ({ customerId }) => ({ customerId }),
});

function reasonOf({ validationError }: Body): string | null {
  return typeof validationError === 'string' ? validationError : (validationError?.errorType ?? null);
}
