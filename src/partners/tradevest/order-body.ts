import * as t from 'io-ts';

import { ExactDecimal, ObjectId, optional, OwnReference } from '../../codecs/primitives';
import { side } from '../../codecs/side-fields';
import type { Execution } from '../../domain/notification';
import type { GivenDetails } from '../details';
import { NotificationType, ValidationError } from './object-body';
import { OrderStatus } from './statuses';

/** Executions as a digital order reports them (partner page); numbers become exact decimals. */
export const ExecutionData = t.partial({
  quantity: optional(ExactDecimal),
  executionPrice: side(ExactDecimal),
  executionAmount: optional(ExactDecimal),
});

/** Body of both order notifications; without `status` it is a refused update (vendors.md §1.1). No time, no event id. */
export const OrderBody = t.intersection([
  t.type({ orderId: ObjectId }),
  t.partial({
    status: optional(OrderStatus),
    notificationType: NotificationType,
    validationError: side(ValidationError),
    customerProductId: side(ObjectId),
    externalId: side(OwnReference),
  }),
]);
/** Body of an order. */
export type OrderBody = t.TypeOf<typeof OrderBody>;

/** Body of a digital order, which alone reports what was executed. */
export const DigitalOrderBody = t.intersection([
  OrderBody,
  t.partial({
    executionData: optional(ExecutionData),
    quoteId: side(ObjectId),
  }),
]);
type DigitalOrderBody = t.TypeOf<typeof DigitalOrderBody>;

/** Details of an order as its notifications give them. */
export function detailsOf({ externalId, customerProductId, ...rest }: OrderBody | DigitalOrderBody): GivenDetails {
  const quoteId = 'quoteId' in rest ? rest.quoteId : null;
  return { reference: externalId, facts: { customerProductId, quoteId } };
}

/** One execution in our words. */
export function executionOf(data: t.TypeOf<typeof ExecutionData>): Execution {
  return { quantity: data.quantity ?? null, price: data.executionPrice ?? null, amount: data.executionAmount ?? null };
}

/** The executions that the notification of a digital order carries. */
export function executionsOf({ executionData }: DigitalOrderBody): readonly Execution[] {
  return executionData === null || executionData === undefined ? [] : [executionOf(executionData)];
}
