import * as t from 'io-ts';

import { ExactDecimal, ObjectId, optional } from '../../codecs/primitives';
import type { Execution } from '../../domain/notification';
import { ValidationError } from './object-body';
import { NotificationType, OrderStatus } from './statuses';

/** Executions as a digital order reports them (partner page); numbers become exact decimals. */
export const ExecutionData = t.partial({
  quantity: optional(ExactDecimal),
  executionPrice: optional(ExactDecimal),
  executionAmount: optional(ExactDecimal),
});

/** Body of both order notifications; without `status` it is a refused update (vendors.md §1.1). No time, no event id. */
export const OrderBody = t.intersection([
  t.type({ orderId: ObjectId }),
  t.partial({
    status: optional(OrderStatus),
    notificationType: optional(NotificationType),
    validationError: optional(ValidationError),
    executionData: optional(ExecutionData),
  }),
]);
/** Body of an order. */
export type OrderBody = t.TypeOf<typeof OrderBody>;

/** One execution in our words. */
export function executionOf(data: t.TypeOf<typeof ExecutionData>): Execution {
  return { quantity: data.quantity ?? null, price: data.executionPrice ?? null, amount: data.executionAmount ?? null };
}

/** The executions a notification carries: one for a digital order, none for a traditional one. */
export function executionsOf(body: OrderBody): readonly Execution[] {
  return body.executionData === null || body.executionData === undefined ? [] : [executionOf(body.executionData)];
}
