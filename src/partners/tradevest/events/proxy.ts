import * as t from 'io-ts';

import { ObjectId } from '../../../codecs/primitives';
import { tradevestProxy } from '../lifecycles/proxy';
import { defineStateEvent } from '../../event';
import { change, changeOf } from '../object-body';

/** A proxy moved, or an update of one was refused. */
export const proxy = defineStateEvent({
  table: tradevestProxy,
  event: 'PROXY_NOTIFICATION',
  route: 'proxy-notification',
  body: t.intersection([t.type({ proxyId: ObjectId }), changeOf(tradevestProxy)]),
  id: (body) => body.proxyId,
  ...change,
});
