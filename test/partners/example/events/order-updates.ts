import * as t from 'io-ts';

import { knownWord, ObjectId } from '../../../../src/codecs/primitives';
import { defineStateEvent } from '../../../../src/partners/event';
import { exampleOrder } from '../lifecycles/order';

const STATES = Object.keys(exampleOrder.states);

/** State of an order, in the partner’s words. */
export const OrderState = knownWord(STATES, `one of ${STATES.join(', ')}`);

/** An order has a new state. All retries of one event share its `eventId`. */
export const orderUpdates = defineStateEvent({
  table: exampleOrder,
  event: 'order-updates',
  route: 'order-updates',
  body: t.type({ eventId: ObjectId, orderId: ObjectId, state: OrderState }),
  id: ({ orderId }) => orderId,
  status: ({ state }) => state,
  duplicateKey: ({ eventId, orderId, state }) => ({ key: eventId, says: [orderId, state] }),
});
