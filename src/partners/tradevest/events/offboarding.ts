import * as t from 'io-ts';

import { ObjectId } from '../../../codecs/primitives';
import { tradevestOffboarding } from '../lifecycles/offboarding';
import { defineStateEvent } from '../../event';
import { change, changeOf } from '../object-body';

/** An offboarding moved; its reason, and so how soon it is done, is only in the read. */
export const offboarding = defineStateEvent({
  table: tradevestOffboarding,
  event: 'OFFBOARDING_NOTIFICATION',
  route: 'offboarding-notification',
  body: t.intersection([t.type({ offboardingId: ObjectId }), changeOf(tradevestOffboarding)]),
  id: (body) => body.offboardingId,
  ...change,
});
