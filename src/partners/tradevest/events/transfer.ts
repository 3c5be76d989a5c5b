import * as t from 'io-ts';

import { ObjectId } from '../../../codecs/primitives';
import { tradevestTransfer } from '../lifecycles/transfer';
import { defineStateEvent } from '../../event';
import { change, changeOf, relatedId } from '../object-body';

/** A transfer moved; an incoming one is first heard of as PROCESSED, under an id never seen. */
export const transfer = defineStateEvent({
  table: tradevestTransfer,
  event: 'TRANSFER_NOTIFICATION',
  route: 'transfer-notification',
  body: t.intersection([
    t.type({ transferId: ObjectId, customerId: t.unknown, customerProductId: t.unknown }),
    changeOf(tradevestTransfer),
  ]),
  id: (body) => body.transferId,
  ...change,
  facts: (body) => ({
    customerId: relatedId(body.customerId),
    customerProductId: relatedId(body.customerProductId),
  }),
});
