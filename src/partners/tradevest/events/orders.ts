import type { PartnerEvent, StateEventDefinition } from '../../event';
import { defineStateEvent } from '../../event';
import { tradevestOrder } from '../lifecycles/order';
import { reasonOf } from '../object-body';
import { detailsOf, DigitalOrderBody, executionsOf, OrderBody } from '../order-body';

const moved = {
  table: tradevestOrder,
  id: (body) => body.orderId,
  status: (body) => body.status ?? null,
  reason: reasonOf,
  details: detailsOf,
} satisfies Partial<StateEventDefinition<OrderBody>>;

/** Moves of orders. Two partial fills of a traditional one can be byte-identical, so its executions are only read. */
export const orderEvents: readonly PartnerEvent[] = [
  defineStateEvent({
    ...moved,
    event: 'DIGITAL_ASSET_ORDER_NOTIFICATION',
    route: 'digital-asset-order-notification',
    body: DigitalOrderBody,
    executions: executionsOf,
    readHints: () => ({ asset: 'digital' }),
  }),
  defineStateEvent({
    ...moved,
    event: 'TRADITIONAL_ASSET_ORDER_NOTIFICATION',
    route: 'traditional-asset-order-notification',
    body: OrderBody,
    readHints: () => ({ asset: 'traditional' }),
  }),
];
