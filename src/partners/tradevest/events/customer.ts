import * as t from 'io-ts';

import { ObjectId } from '../../../codecs/primitives';
import { tradevestCustomer } from '../lifecycles/customer';
import { defineStateEvent } from '../../event';
import { change, changeOf } from '../object-body';

/** A customer moved, or an update of one was refused. */
export const customer = defineStateEvent({
  table: tradevestCustomer,
  event: 'CUSTOMER_NOTIFICATION',
  route: 'customer-notification',
  body: t.intersection([t.type({ customerId: ObjectId }), changeOf(tradevestCustomer)]),
  id: (body) => body.customerId,
  ...change,
});
