import { tradevestOrder } from '../lifecycles/order';
import { defineStateEvent } from '../../event';
import { reasonOf } from '../object-body';
import { OrderBody } from '../order-body';

/** A traditional asset order moved; two partial fills can be byte-identical, so its executions are read. */
export const traditionalAssetOrder = defineStateEvent({
  table: tradevestOrder,
  event: 'TRADITIONAL_ASSET_ORDER_NOTIFICATION',
  route: 'traditional-asset-order-notification',
  body: OrderBody,
  id: (body) => body.orderId,
  status: (body) => body.status ?? null,
  reason: reasonOf,
  readHints: () => ({ asset: 'traditional' }),
});
