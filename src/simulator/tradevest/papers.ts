import type { ObjectKind } from '../kind';
import { changeBody, inventedId, kindOf, modifiedOn } from './bodies';

/** Transfer. Its read has the status one level deeper than all others (vendors.md §1.2). */
const transfer = kindOf({
  name: 'transfer',
  states: ['RECEIVED', 'PENDING', 'PROCESSED', 'REJECTED', 'INVALID'],
  idField: 'transferId',
  path: '/transfers/:id',
  ids: ({ number }) => ({
    customerId: inventedId('customer', number),
    customerProductId: inventedId('product', number % 5),
  }),
  answer: ({ id }, state) => ({
    transfer: {
      transferId: id,
      transferStatus: state,
      ...(state === 'REJECTED' ? { rejectReason: 'INSUFFICIENT_BALANCE' } : {}),
    },
  }),
});

/** Document of the partner. The webhook names neither status nor type (vendors.md §1.2). */
const partnerDocument = kindOf({
  name: 'partner-document',
  states: ['published'],
  idField: 'documentId',
  path: '/partner-documents/:id',
  body: (object, content) => ({ modifiedOn: modifiedOn(object, content) }),
  answer: ({ id }) => ({ id, type: 'TERMS' }),
});

/** Search. Its webhook has no type and no error (vendors.md §1.2). */
const search = kindOf({
  name: 'search',
  event: 'LEGAL_ENTITY_SEARCH_NOTIFICATION',
  states: [
    ...['PREPARING', 'WAITING_FOR_DATA', 'READY_DATA', 'WAITING_FOR_DOCUMENTS', 'READY_DOCUMENTS'],
    ...['COMPLETED', 'FAILED', 'ERROR'],
  ],
  idField: 'searchId',
  path: '/entities/vendor/legal-entities/:id',
  body: (object, content) => ({ status: content.status, modifiedOn: modifiedOn(object, content) }),
});

const strategy = kindOf({
  name: 'strategy',
  states: ['RECEIVED', 'CREATED', 'PENDING', 'EXECUTING', 'ACTIVE', 'INACTIVE', 'INVALID', 'REJECTED'],
  idField: 'strategyId',
  path: '/strategies/:id',
});

/** Savings plan, whose webhook names our own id of it. */
const savingsPlan = kindOf({
  name: 'savings-plan',
  event: 'SAVINGS_PLANS_NOTIFICATION',
  states: ['RECEIVED', 'PENDING', 'ACTIVE', 'INACTIVE', 'INVALID', 'DELETED'],
  idField: 'savingsPlanId',
  path: '/savings-plans/:id',
  ids: ({ number }) => ({ customerId: inventedId('customer', number), externalId: `sp-${String(number)}` }),
});

const half = (id: string, index: number): string => id.split(':')[index] ?? '';

/** Subscription to a strategy: a subject of its own, read as the strategy. */
const subscription: ObjectKind = {
  ...strategy,
  name: 'subscription',
  idOf: (seed, number) => [strategy.idOf(seed, number), inventedId('subscriber', seed, number)].join(':'),
  webhook: (object, content) => ({
    strategyId: half(object.id, 0),
    subscriberId: half(object.id, 1),
    ...changeBody(object, content),
  }),
  read: strategy.read === null ? null : { ...strategy.read, idOf: ({ id }) => half(id, 0) },
};

/** Labels: one webhook, many customers, no id (vendors.md §1.2). */
const labels: ObjectKind = {
  ...kindOf({
    name: 'labels',
    event: 'LABELS_UPDATE_NOTIFICATION',
    states: ['UPDATED', 'VALIDATION_ERROR'],
    idField: 'labelsId',
  }),
  webhook: ({ related }, { status }) => ({
    updatedCustomers: Object.values(related),
    notificationType: status,
    ...(status === 'VALIDATION_ERROR'
      ? { validationError: { errorType: 'CUSTOMERS_NOT_FOUND_ERROR', description: 'simulated' } }
      : {}),
  }),
  namedByDelivery: true,
};

/** Prices: neither id nor time nor status (vendors.md §1.2). There is one pair, the latest. */
const prices: ObjectKind = {
  ...kindOf({
    name: 'prices',
    event: 'RE_TOKEN_PRICES',
    states: ['published'],
    idField: 'pricesId',
  }),
  idOf: () => 'latest',
  webhook: ({ history }) => ({ regularToken: 100.25 + history.length, premiumToken: 110.5 + history.length }),
};

/** Transfers, documents, and the remaining kinds of Tradevest's. */
export const paperKinds: readonly ObjectKind[] = [
  transfer,
  kindOf({
    name: 'document',
    states: ['RECEIVED', 'CREATED', 'PENDING', 'APPROVED', 'REJECTED', 'INVALID', 'ARCHIVED'],
    idField: 'documentId',
    path: '/v2/documents/:id',
  }),
  ...[partnerDocument, search, strategy, subscription, savingsPlan, labels, prices],
];
