import { Decimal } from 'decimal.js';
import * as t from 'io-ts';

import { machineWord, optional } from '../../codecs/primitives';
import { side } from '../../codecs/side-fields';
import type { Execution } from '../../domain/notification';
import type { Reading } from '../../domain/reading';
import { reasonOf, ValidationError } from './object-body';
import { ExecutionData, executionOf } from './order-body';
import { OrderStatus } from './statuses';

const Executions = t.union([t.array(ExecutionData), ExecutionData]);

/** Least answer of an order's GET, and the fields that hold what was executed (names of the inner ones assumed, MAPPING.md). */
export const OrderAnswer = t.intersection([
  t.type({ status: OrderStatus }),
  t.partial({
    executionData: optional(ExecutionData),
    execution: optional(Executions),
    partialExecutions: optional(Executions),
    validationError: side(ValidationError),
    rejectReason: t.unknown,
    message: t.unknown,
  }),
]);
type OrderAnswer = t.TypeOf<typeof OrderAnswer>;
type Executed = t.TypeOf<typeof Executions>;

function listOf(executed: Executed | null | undefined): readonly t.TypeOf<typeof ExecutionData>[] {
  if (executed === null || executed === undefined) return [];
  const list = Array.isArray(executed) ? executed : [executed];
  return list.filter((one) => !isEmpty(one));
}

/** `{}` and an object of nulls are a way to write "none": taken for an execution, a canceled order would owe SETTLED for ever. */
function isEmpty(one: t.TypeOf<typeof ExecutionData>): boolean {
  return Object.values(one).every((value) => value === null || value === undefined);
}

/** An execution that names no quantity counts as executed: money may have moved, so the order is kept open. */
function isExecuted(execution: Execution): boolean {
  return execution.quantity === null || new Decimal(execution.quantity).greaterThan(0);
}

/** An order's answer in our words; `quantityExecuted` is null where no field speaks of executions. */
export function toReading(answer: OrderAnswer): Reading {
  const fields = [answer.executionData, answer.execution, answer.partialExecutions];
  const executions = fields.flatMap(listOf).map(executionOf);
  const says = fields.some((field) => field !== null && field !== undefined);
  return {
    kind: 'object',
    status: answer.status,
    executions: executions.filter(isExecuted),
    quantityExecuted: says ? executions.some(isExecuted) : null,
    // Where the exchange's reason of a rejection stands is not printed; a sentence is none.
    reason: reasonOf(answer) ?? machineWord(answer.rejectReason) ?? machineWord(answer.message),
  };
}
