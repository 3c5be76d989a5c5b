import * as t from 'io-ts';

import { ObjectId } from '../../../codecs/primitives';
import { tradevestBeneficialOwner } from '../lifecycles/beneficial-owner';
import { defineStateEvent } from '../../event';
import { change, changeOf } from '../object-body';

/** A beneficial owner moved; the partner may have created it itself. */
export const beneficialOwner = defineStateEvent({
  table: tradevestBeneficialOwner,
  event: 'BENEFICIAL_OWNER_NOTIFICATION',
  route: 'beneficial-owner-notification',
  body: t.intersection([t.type({ beneficialOwnerId: ObjectId }), changeOf(tradevestBeneficialOwner)]),
  id: (body) => body.beneficialOwnerId,
  ...change,
});
