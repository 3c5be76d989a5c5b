import * as t from 'io-ts';

import { ObjectId } from '../../../codecs/primitives';
import { tradevestUser } from '../lifecycles/user';
import { defineStateEvent } from '../../event';
import { change, changeOf } from '../object-body';

/** An account of our own staff at Tradevest moved; its id is a plain text in the webhook. */
export const user = defineStateEvent({
  table: tradevestUser,
  event: 'USER_NOTIFICATION',
  route: 'user-notification',
  body: t.intersection([t.type({ userId: ObjectId }), changeOf(tradevestUser)]),
  id: (body) => body.userId,
  ...change,
});
