import * as t from 'io-ts';

import { ObjectId } from '../../../codecs/primitives';
import { tradevestProduct } from '../lifecycles/product';
import { defineStateEvent } from '../../event';
import { change, changeOf, relatedId } from '../object-body';

/** A product of a customer moved, or an update of one was refused. */
export const customerProduct = defineStateEvent({
  table: tradevestProduct,
  event: 'CUSTOMER_PRODUCT_NOTIFICATION',
  route: 'customer-product-notification',
  body: t.intersection([t.type({ customerProductId: ObjectId, customerId: t.unknown }), changeOf(tradevestProduct)]),
  id: (body) => body.customerProductId,
  ...change,
  facts: (body) => ({ customerId: relatedId(body.customerId) }),
});
