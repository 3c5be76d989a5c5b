import * as t from 'io-ts';

import { isoOf, UnixSeconds } from '../../../codecs/partner-times';
import { knownWord, ObjectId } from '../../../codecs/primitives';
import { side } from '../../../codecs/side-fields';
import { bitpandaUser } from '../lifecycles/user';
import { defineStateEvent } from '../../event';
import { params } from '../body';

/** Blacklisting and inactivation are described, their names are not (vendors.md §3.3). */
const ACTIONS = ['verification'];

const Body = params(
  t.type({
    user_pid: ObjectId,
    action: knownWord(
      ACTIONS,
      `one of ${ACTIONS.join(', ')}; a new one is added here, to src/partners/bitpanda/lifecycles/user.ts, with a fixture`,
    ),
    success: t.boolean,
    timestamp: side(UnixSeconds),
  }),
);

/**
 * Something was done to a user, or failed. There is no event id: action, outcome and time make one; where the time cannot be
 * read, the whole body does.
 */
export const userUpdates = defineStateEvent({
  table: bitpandaUser,
  event: 'user-updates',
  body: Body,
  id: (body) => body.params.user_pid,
  status: ({ params: { action, success } }) => (success ? action : `${action}-failed`),
  changedAt: ({ params: { timestamp } }) => (timestamp ? isoOf(timestamp) : null),
  details: (body) => ({ userId: body.params.user_pid }),
  duplicateKey: ({ params: { user_pid: user, action, success, timestamp } }) =>
    timestamp ? { key: `user-update:${user}:${action}:${timestamp}:${String(success)}`, says: [] } : 'the whole body',
});
