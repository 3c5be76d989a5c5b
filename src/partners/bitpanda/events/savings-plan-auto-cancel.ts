import * as t from 'io-ts';

import { machineWord, ObjectId, optional } from '../../../codecs/primitives';
import { bitpandaSavingsPlan } from '../lifecycles/savings-plan';
import { definePlanEvent } from '../../event';
import { params } from '../body';

/** The plan is over, because of what happens to its asset; only `delisting` is spelled by the partner's pages. */
export const savingsPlanAutoCancel = definePlanEvent({
  table: bitpandaSavingsPlan,
  event: 'savings-plan-auto-cancel',
  route: 'savings-plan-auto-cancel',
  body: params(
    t.intersection([
      t.type({ savings_plan_id: ObjectId }),
      t.partial({ user_id: optional(ObjectId), operation_type: t.unknown }),
    ]),
  ),
  id: (body) => body.params.savings_plan_id,
  news: ({ params: body }) => ({ kind: 'auto-cancel', reason: machineWord(body.operation_type) }),
  readHints: ({ params: { user_id: userId } }) => (userId ? { userId } : {}),
  duplicateKey: ({ params: body }) => ({ key: `auto-cancel:${body.savings_plan_id}`, says: [] }),
});
