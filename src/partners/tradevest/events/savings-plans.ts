import * as t from 'io-ts';

import { machineWord, ObjectId, OwnReference } from '../../../codecs/primitives';
import { side } from '../../../codecs/side-fields';
import { defineStateEvent } from '../../event';
import { tradevestSavingsPlan } from '../lifecycles/savings-plan';
import { changeOf, timed } from '../object-body';

const WithType = t.type({ errorType: t.unknown });

/** Reason of an invalid plan: whether it is a word by itself, or an object like everywhere else, is not printed. */
const PlanError = new t.Type<string, unknown, unknown>(
  'a word, or an object whose `errorType` is one',
  (value): value is string => typeof value === 'string',
  (value, context) => {
    const word = machineWord(WithType.is(value) ? value.errorType : value);
    return word === null ? t.failure(value, context) : t.success(word);
  },
  t.identity,
);

const { validationError: _, ...changeFields } = changeOf(tradevestSavingsPlan).props;

const Body = t.intersection([
  t.type({ savingsPlanId: ObjectId }),
  t.partial({
    ...changeFields,
    customerId: side(ObjectId),
    externalId: side(OwnReference),
    validationError: side(PlanError),
  }),
]);
/** A savings plan of Tradevest's moved. Its executions are orders, which have webhooks of their own. */
export const savingsPlans = defineStateEvent({
  table: tradevestSavingsPlan,
  event: 'SAVINGS_PLANS_NOTIFICATION',
  route: 'savings-plans-notification',
  body: Body,
  id: (body) => body.savingsPlanId,
  status: ({ status }) => status ?? null,
  reason: ({ validationError }) => validationError ?? null,
  ...timed,
  facts: ({ customerId }) => ({ customerId }),
  details: ({ customerId, externalId }) => ({ userId: customerId, reference: externalId }),
});
