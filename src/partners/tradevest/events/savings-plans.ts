import * as t from 'io-ts';

import { machineWord, ObjectId } from '../../../codecs/primitives';
import { canonicalId, isUuid } from '../../../domain/canonical-id';
import { defineStateEvent } from '../../event';
import { tradevestSavingsPlan } from '../lifecycles/savings-plan';
import { change, changeOf, reasonOf } from '../object-body';

const { validationError: _, ...changeFields } = changeOf(tradevestSavingsPlan).props;

const Body = t.intersection([
  t.type({ savingsPlanId: ObjectId }),
  t.partial({ ...changeFields, customerId: t.unknown, validationError: t.unknown }),
]);

const Described = t.type({ errorType: t.unknown });

/** Reason of INVALID: a word, or an object like everywhere else. */
function planReason(validationError: unknown): string | null {
  const word = machineWord(validationError);
  if (word !== null || !Described.is(validationError)) return word;
  return reasonOf({ validationError: { errorType: machineWord(validationError.errorType) } });
}

/** A savings plan of Tradevest's moved. Its executions are orders, which have webhooks of their own. */
export const savingsPlans = defineStateEvent({
  table: tradevestSavingsPlan,
  event: 'SAVINGS_PLANS_NOTIFICATION',
  route: 'savings-plans-notification',
  body: Body,
  id: (body) => body.savingsPlanId,
  status: ({ status }) => status ?? null,
  reason: ({ validationError }) => planReason(validationError),
  changedAt: ({ modifiedOn }) => change.changedAt({ modifiedOn }),
  duplicateKey: ({ modifiedOn }) => change.duplicateKey({ modifiedOn }),
  facts: ({ customerId }) => ({
    customerId: typeof customerId === 'string' && isUuid(customerId) ? canonicalId(customerId) : null,
  }),
});
