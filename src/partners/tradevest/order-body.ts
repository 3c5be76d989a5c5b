import * as t from 'io-ts';

import { ExactDecimal, ObjectId, optional } from '../../codecs/primitives';
import { sealed, side } from '../../codecs/side-fields';
import type { Execution } from '../../domain/notification';
import { NotificationType, ValidationError } from './object-body';
import { OrderStatus } from './statuses';

/** Executions as a digital order reports them (partner page); numbers become exact decimals. */
export const ExecutionData = t.partial({
  quantity: optional(ExactDecimal),
  executionPrice: side(ExactDecimal),
  executionAmount: optional(ExactDecimal),
});

const OF_ORDER = { unkeptBecause: 'whoever placed the order knows it' };

/** Body of both order notifications; without `status` it is a refused update (vendors.md §1.1). No time, no event id. */
export const OrderBody = t.intersection([
  t.type({ orderId: ObjectId }),
  t.partial({
    status: optional(OrderStatus),
    notificationType: NotificationType,
    validationError: side(ValidationError),
    customerProductId: side(ObjectId, OF_ORDER),
    externalId: sealed('our own reference may name a person'),
  }),
]);
/** Body of an order. */
export type OrderBody = t.TypeOf<typeof OrderBody>;

/** Body of a digital order, which alone reports what was executed. */
export const DigitalOrderBody = t.intersection([
  OrderBody,
  t.partial({
    executionData: optional(ExecutionData),
    quoteId: side(ObjectId, OF_ORDER),
  }),
]);
type DigitalOrderBody = t.TypeOf<typeof DigitalOrderBody>;

/** One execution in our words. */
export function executionOf(data: t.TypeOf<typeof ExecutionData>): Execution {
  return { quantity: data.quantity ?? null, price: data.executionPrice ?? null, amount: data.executionAmount ?? null };
}

/** The executions that the notification of a digital order carries. */
export function executionsOf({ executionData }: DigitalOrderBody): readonly Execution[] {
  return executionData === null || executionData === undefined ? [] : [executionOf(executionData)];
}
