import type { PartnerEvent } from '../../event';
import { tradevestBeneficialOwner } from '../lifecycles/beneficial-owner';
import { tradevestCustomer } from '../lifecycles/customer';
import { tradevestDocument } from '../lifecycles/document';
import { tradevestIdentification } from '../lifecycles/identification';
import { tradevestNaturalPerson } from '../lifecycles/natural-person';
import { tradevestOffboarding } from '../lifecycles/offboarding';
import { tradevestProduct } from '../lifecycles/product';
import { tradevestProxy } from '../lifecycles/proxy';
import { tradevestSearch } from '../lifecycles/search';
import { tradevestTransfer } from '../lifecycles/transfer';
import { tradevestUser } from '../lifecycles/user';
import { objectEvent } from '../object-event';
import { labelsUpdate } from './labels-update';
import { onboarding } from './onboarding';
import { orderEvents } from './orders';
import { partnerDocument } from './partner-document';
import { reTokenPrices } from './re-token-prices';
import { savingsPlans } from './savings-plans';
import { strategy } from './strategy';

/** Every event of Tradevest that is understood; a new one is one entry here, with a file of its own if its body says more. */
export const tradevestEvents: readonly PartnerEvent[] = [
  objectEvent('CUSTOMER_NOTIFICATION', 'customerId', tradevestCustomer, { user: 'customerId' }),
  objectEvent('NATURAL_PERSON_NOTIFICATION', 'naturalPersonId', tradevestNaturalPerson, { user: 'naturalPersonId' }),
  // On approval a document appears, whose id only the read shows.
  objectEvent('IDENTIFICATION_VERIFICATION_NOTIFICATION', 'identificationVerificationId', tradevestIdentification, {
    related: ['naturalPersonId'],
    user: 'naturalPersonId',
  }),
  onboarding,
  objectEvent('PROXY_NOTIFICATION', 'proxyId', tradevestProxy),
  // The partner may have created it itself.
  objectEvent('BENEFICIAL_OWNER_NOTIFICATION', 'beneficialOwnerId', tradevestBeneficialOwner),
  objectEvent('CUSTOMER_PRODUCT_NOTIFICATION', 'customerProductId', tradevestProduct, {
    related: ['customerId'],
    user: 'customerId',
  }),
  // An account of our own staff at Tradevest; its id is a plain text.
  objectEvent('USER_NOTIFICATION', 'userId', tradevestUser, { user: 'userId' }),
  // Its reason, and so how soon it is done, is only in the read.
  objectEvent('OFFBOARDING_NOTIFICATION', 'offboardingId', tradevestOffboarding),
  ...orderEvents,
  // An incoming one is first heard of as PROCESSED, under an id never seen.
  objectEvent('TRANSFER_NOTIFICATION', 'transferId', tradevestTransfer, {
    related: ['customerId', 'customerProductId'],
    user: 'customerId',
  }),
  // Ids we never created are normal.
  objectEvent('DOCUMENT_NOTIFICATION', 'documentId', tradevestDocument),
  partnerDocument,
  objectEvent('LEGAL_ENTITY_SEARCH_NOTIFICATION', 'searchId', tradevestSearch),
  strategy,
  savingsPlans,
  labelsUpdate,
  reTokenPrices,
];
