import type { Json, ObjectKind, SimulatedObject, WebhookContent } from '../kind';
import { changeBody, inventedId, kindOf } from './bodies';

const ROLE_STATES = [
  ...['RECEIVED', 'CREATED', 'PENDING', 'REVIEW', 'ACTIVE', 'REJECTED', 'INVALID'],
  ...['INACTIVE', 'SUSPENDED', 'SUSPENDED_COMPLIANCE'],
];

/** Identification. Its document appears with its approval, in the read alone (vendors.md §1.5). */
const identification = kindOf({
  name: 'identification',
  event: 'IDENTIFICATION_VERIFICATION_NOTIFICATION',
  states: ['RECEIVED', 'PENDING', 'APPROVED', 'REJECTED', 'INVALID', 'CANCELED', 'EXPIRED'],
  idField: 'identificationVerificationId',
  path: '/entities/identification-verifications/:id',
  ids: ({ number }) => ({ naturalPersonId: inventedId('person', number) }),
  answer: ({ id, number }, state) => ({
    id,
    status: state,
    ...(state === 'APPROVED' ? { documentId: inventedId('document of', id) } : {}),
    naturalPersonId: inventedId('person', number),
  }),
});

/** Onboarding. Its read names the person; that it does so in these fields is assumed (MAPPING.md). */
const onboarding = kindOf({
  name: 'onboarding',
  states: ['RECEIVED', 'CREATED', 'PENDING', 'REVIEW', 'APPROVED', 'REJECTED', 'INVALID'],
  idField: 'onboardingId',
  path: '/roles/onboardings/:id',
  body: onboardingBody,
  answer: ({ id, related }, state) => {
    const one = (role: string): readonly string[] => (related[role] === undefined ? [] : [related[role]]);
    return {
      id,
      status: state,
      ...(related.customer === undefined ? {} : { customerId: related.customer }),
      naturalPersonIds: one('person'),
      proxyIds: one('proxy'),
      beneficialOwnerIds: one('owner'),
      documentIds: one('document'),
    };
  },
});

const product = kindOf({
  name: 'product',
  event: 'CUSTOMER_PRODUCT_NOTIFICATION',
  states: ['RECEIVED', 'CREATED', 'PENDING', 'ACTIVE', 'REJECTED', 'INVALID', 'CANCELLED', 'CLOSED'],
  idField: 'customerProductId',
  path: '/products/:id',
  ids: ({ number }) => ({ customerId: inventedId('customer', number) }),
});

const OFFBOARDING_STATES = ['RECEIVED', 'CREATED', 'PENDING', 'APPROVED', 'REJECTED', 'CANCELED', 'INVALID'];

/** People, their roles, and their onboardings and offboardings. */
export const peopleKinds: readonly ObjectKind[] = [
  kindOf({ name: 'customer', states: [...ROLE_STATES, 'ESTATE'], idField: 'customerId', path: '/roles/customers/:id' }),
  kindOf({
    name: 'natural-person',
    states: [...ROLE_STATES, 'DECEASED'],
    idField: 'naturalPersonId',
    path: '/entities/natural-persons/:id',
  }),
  kindOf({ name: 'proxy', states: ROLE_STATES, idField: 'proxyId', path: '/roles/proxies/:id' }),
  kindOf({
    name: 'beneficial-owner',
    states: ROLE_STATES,
    idField: 'beneficialOwnerId',
    path: '/entities/beneficial-owners/:id',
  }),
  ...[identification, onboarding, product],
  kindOf({
    name: 'user',
    states: ['RECEIVED', 'CREATED', 'PENDING', 'ACTIVE', 'INACTIVE', 'REJECTED', 'INVALID'],
    idField: 'userId',
    path: '/users/:id',
  }),
  offboardingFor('offboarding', 'CANCELLATION_BY_PARTNER_ORDINARY'),
  offboardingFor('offboarding-immediate', 'CUSTOMER_REQUEST_IMMEDIATE'),
];

/** Body of an onboarding, the only one with a list of errors (vendors.md §1.1). */
function onboardingBody(object: SimulatedObject, content: WebhookContent): Json {
  const { validationError, ...body } = changeBody(object, content);
  const rejected = [{ errorType: 'CUSTOMER_STATUS_VERIFICATION', description: 'simulated' }];
  const errors = content.status === 'REJECTED' ? rejected : validationError === undefined ? [] : [validationError];
  return { ...body, ...(errors.length === 0 ? {} : { validationErrors: errors }) };
}

/** Offboarding. Its duration depends on its reason, which only the read shows (vendors.md §1.4). */
function offboardingFor(name: string, reason: string): ObjectKind {
  return kindOf({
    name,
    object: 'offboarding',
    states: OFFBOARDING_STATES,
    idField: 'offboardingId',
    path: '/roles/offboardings/:id',
    answer: ({ id }, state) => ({ id, status: state, reason }),
  });
}
