import { tradevestOrder } from '../lifecycles/order';
import { defineStateEvent } from '../../event';
import { reasonOf } from '../object-body';
import { executionsOf, OrderBody } from '../order-body';

/** A digital asset order moved; carries its execution on fills. */
export const digitalAssetOrder = defineStateEvent({
  table: tradevestOrder,
  event: 'DIGITAL_ASSET_ORDER_NOTIFICATION',
  route: 'digital-asset-order-notification',
  body: OrderBody,
  id: (body) => body.orderId,
  status: (body) => body.status ?? null,
  reason: reasonOf,
  executions: executionsOf,
  readHints: () => ({ asset: 'digital' }),
});
