import { isUuid } from '../../domain/canonical-id';

/** Fields of a body within its wrapper. */
type Fields = Readonly<Record<string, unknown>>;

/** Event whose bodies have these fields; of several that fit the first one is meant. */
interface Shape {
  readonly has: readonly string[];
  readonly route: (fields: Fields) => string | null;
}

/**
 * Shapes of all bodies, most telling first. A version is told by the style of its ids: integers or a symbol in the first,
 * UUIDs in the last.
 */
const SHAPES: readonly Shape[] = [
  { has: ['ca_id'], route: () => 'corporate-actions' },
  { has: ['transactions', 'credited_at'], route: () => 'crypto-actions' },
  { has: ['transaction_status'], route: () => 'crypto-transfers' },
  { has: ['savings_plan_transaction_confirmation_deadline'], route: upcomingRoute },
  { has: ['savings_plan_transaction_status'], route: recurrenceEndRoute },
  { has: ['savings_plan_id', 'operation_type'], route: () => 'savings-plan-auto-cancel' },
  { has: ['amount_to_deposit'], route: (fields) => `top-up-request${versionOfMoney(fields)}` },
  { has: ['pid', 'reference'], route: (fields) => `send-money${versionOfMoney(fields)}` },
  { has: ['reference', 'type', 'timestamp'], route: successRoute },
  { has: ['user_pid', 'action', 'success'], route: () => 'user-updates' },
  { has: ['fiat', 'status', 'errors'], route: () => 'transaction-update' },
  { has: ['trade_id', 'status'], route: () => 'automated-orders' },
  { has: ['direction', 'created_at', 'user_id'], route: transactionRoute },
  { has: ['trigger', 'type'], route: () => 'reports' },
  { has: ['report_id'], route: () => 'reports' },
];

/** The last segment of the path that a webhook with these fields would have; null where no event has such. */
export function routeByBody(fields: Fields): string | null {
  return SHAPES.find(({ has }) => has.every((name) => Object.hasOwn(fields, name)))?.route(fields) ?? null;
}

function isUuidStyle(id: unknown): boolean {
  return typeof id === 'string' && isUuid(id);
}

function upcomingRoute({ asset_id: asset, fiat_id: fiat }: Fields): string {
  return `savings-plan-upcoming-trade${isUuidStyle(asset ?? fiat) ? '-v2' : ''}`;
}

function recurrenceEndRoute({ savings_plan_transaction_status: status }: Fields): string {
  return `savings-plan-${status === 'finished' ? 'successful' : 'failed'}-trade`;
}

/** Version 1 names the currency by its symbol. */
function versionOfMoney({ fiat_id: fiat }: Fields): string {
  return fiat === undefined || fiat === null ? '' : '-v2';
}

function successRoute(fields: Fields): string | null {
  const words: Readonly<Record<string, string>> = { deposit: 'top-up-success', withdrawal: 'send-money-success' };
  const word = typeof fields.type === 'string' && Object.hasOwn(words, fields.type) ? words[fields.type] : undefined;
  return word === undefined ? null : word + versionOfMoney(fields);
}

/** Version 1 alone does not say whether it is of an asset or of money. */
function transactionRoute({ type_defined_for: kind, asset_id: asset, fiat_id: fiat }: Fields): string {
  const route = 'non-user-initiated-transactions';
  if (kind === undefined) return route;
  return `${route}${isUuidStyle(asset ?? fiat) ? '-v3' : '-v2'}`;
}
