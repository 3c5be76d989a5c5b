import type { LifecycleTable } from '../../../domain/lifecycles/table';
import { tradevestDocument } from './document';
import { tradevestBeneficialOwner } from './beneficial-owner';
import { tradevestCustomer } from './customer';
import { tradevestNaturalPerson } from './natural-person';
import { tradevestProxy } from './proxy';

/**
 * Tradevest onboardings (vendors.md §1.3, §1.4). APPROVED is not the end: the customer, persons, proxies, owners and
 * documents it names must become final too, and are looked at again once the due time is over. What REJECTED means is
 * told by them alone: still CREATED is fixable, REJECTED is critical.
 */
export const tradevestOnboarding: LifecycleTable = {
  partner: 'tradevest',
  calendar: 'TARGET',
  object: 'onboarding',
  lifecycle: 'onboarding',
  title: 'Tradevest onboarding',
  readable: true,
  wakes: true,
  firstDue: 'PT1H',
  names: [tradevestCustomer, tradevestNaturalPerson, tradevestProxy, tradevestBeneficialOwner, tradevestDocument],
  states: {
    RECEIVED: { rank: 1, owed: ['CREATED', 'PENDING', 'INVALID'], due: 'PT1H' },
    CREATED: { rank: 2, owed: ['PENDING', 'APPROVED', 'REJECTED', 'REVIEW', 'INVALID'], due: { businessDays: 1 } },
    PENDING: { rank: 3, owed: ['APPROVED', 'REJECTED', 'REVIEW'], due: { businessDays: 3 } },
    REVIEW: { rank: 4, owed: ['APPROVED', 'REJECTED'], due: { businessDays: 10 } },
    APPROVED: { rank: 5, owed: [], due: 'PT1H', ends: 'when those named have ended' },
    REJECTED: { rank: 5, owed: [], due: 'PT1H', ends: 'when judged', contradictsAfter: ['APPROVED'] },
    INVALID: { rank: 5, owed: [], due: 'P1D', ends: 'at once' },
  },
};
