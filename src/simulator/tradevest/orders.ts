import type { Execution } from '../../domain/notification';
import type { Json, ObjectKind, SimulatedObject, WebhookContent } from '../kind';
import { inventedId } from './bodies';

const REASONS: Readonly<Record<string, string>> = { INVALID: 'INSUFFICIENT_BALANCE', REJECTED: 'UNKNOWN_ERROR' };
const PRICE = 20;

/** Statuses of orders, vendors.md §1.3. */
const STATES = [
  'RECEIVED',
  'PENDING',
  'PLACED',
  'PARTIALLY_FILLED',
  'FILLED',
  'CORRECTED',
  'CANCELED',
  'EXPIRED',
  'SETTLED',
  'REJECTED',
  'INVALID',
];

const shared = {
  object: 'order',
  states: STATES,
  idOf: (seed: string, number: number): string => inventedId('tradevest', seed, number),
  cancel: { from: ['RECEIVED', 'PENDING', 'PLACED'], to: 'CANCELED' },
  executionsAfter,
};

/** Digital asset orders: executions come with the fills. */
export const digitalOrder: ObjectKind = {
  ...shared,
  name: 'digital-order',
  route: () => 'tradevest/digital-asset-order-notification',
  event: () => 'DIGITAL_ASSET_ORDER_NOTIFICATION',
  webhook: (object, content) => ({
    ...orderBody(object, content),
    ...(content.status === 'FILLED' ? executionData(object) : {}),
  }),
  read: {
    path: '/digital/orders/:id',
    answer: (object, state) => ({ ...ids(object), status: state, ...executionData(object), ...message(state) }),
  },
};

/** Traditional asset orders: webhooks contain no executions, only reads do. */
export const traditionalOrder: ObjectKind = {
  ...shared,
  name: 'traditional-order',
  route: () => 'tradevest/traditional-asset-order-notification',
  event: () => 'TRADITIONAL_ASSET_ORDER_NOTIFICATION',
  webhook: orderBody,
  read: {
    path: '/trading/order/:id',
    answer: (object, state) => ({
      ...ids(object),
      status: state,
      ...(object.executions.length === 0 ? {} : { execution: executionAnswer(object.executions) }),
      partialExecutions: object.executions.map((execution) => executionAnswer([execution])),
      ...message(state),
    }),
  },
};

/** Executions after a state: a partial fill buys 3 of 10, a fill the rest; a correction takes all of it back. */
function executionsAfter(executions: readonly Execution[], state: string): readonly Execution[] {
  const done = executions.reduce((sum, execution) => sum + Number(execution.quantity), 0);
  if (state === 'PARTIALLY_FILLED') return [...executions, executionOf(3)];
  if (state === 'FILLED') return done < 10 ? [...executions, executionOf(10 - done)] : executions;
  return state === 'CORRECTED' ? [] : executions;
}

function executionOf(quantity: number): Execution {
  return { quantity: String(quantity), price: String(PRICE), amount: String(quantity * PRICE) };
}

/** Body of an order. A refused update has a reason but no status (vendors.md §1.1, failed update). */
function orderBody(object: SimulatedObject, content: WebhookContent): Json {
  const errorType = content.reason ?? REASONS[content.status ?? ''];
  const validationError = errorType === undefined ? {} : { validationError: { errorType, description: 'simulated' } };
  const status = content.status === null ? {} : { status: content.status };
  return { ...ids(object), ...status, notificationType: notificationType(content), ...validationError };
}

function ids(object: SimulatedObject): Readonly<Record<string, string>> {
  const customerProductId = inventedId('product', object.number % 5);
  return { orderId: object.id, customerProductId, externalId: `order-${object.number}` };
}

function notificationType(content: WebhookContent): string {
  if (content.status === 'INVALID' || content.status === null) return 'VALIDATION_ERROR';
  return content.status === 'RECEIVED' ? 'CREATED' : 'UPDATED';
}

function executionData(object: SimulatedObject): Json {
  return object.executions.length === 0 ? {} : { executionData: executionAnswer(object.executions) };
}

/**
 * Executions in an answer. Tradevest sends JSON numbers (fixtures); names of the fields as in `executionData`, the
 * only documented ones.
 */
function executionAnswer(executions: readonly Execution[]): Readonly<Record<string, number>> {
  const quantity = executions.reduce((sum, execution) => sum + Number(execution.quantity), 0);
  return { quantity, executionPrice: PRICE, executionAmount: quantity * PRICE };
}

function message(state: string): Json {
  return REASONS[state] === undefined ? {} : { message: 'simulated' };
}
