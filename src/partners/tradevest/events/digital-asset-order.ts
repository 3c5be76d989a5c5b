import { defineOrderEvent } from '../../event';
import { executionsOf, OrderBody } from '../order-body';

/** A digital asset order moved; carries its execution on fills. */
export const digitalAssetOrder = defineOrderEvent({
  event: 'DIGITAL_ASSET_ORDER_NOTIFICATION',
  route: 'digital-asset-order-notification',
  partner: 'tradevest',
  object: 'order',
  body: OrderBody,
  id: (body) => body.orderId,
  status: (body) => body.status ?? null,
  reason: (body) => body.validationError?.errorType ?? null,
  executions: executionsOf,
  readHints: () => ({ asset: 'digital' }),
});
