import type { LifecycleTable } from '../../../domain/lifecycles/table';
import { tradevestBeneficialOwner } from './beneficial-owner';
import { tradevestCustomer } from './customer';
import { tradevestDocument } from './document';
import { tradevestIdentification } from './identification';
import { tradevestLabels } from './labels';
import { tradevestNaturalPerson } from './natural-person';
import { tradevestOffboarding } from './offboarding';
import { tradevestOnboarding } from './onboarding';
import { tradevestOrder } from './order';
import { tradevestPartnerDocument } from './partner-document';
import { tradevestProduct } from './product';
import { tradevestProxy } from './proxy';
import { tradevestSavingsPlan } from './savings-plan';
import { tradevestSearch } from './search';
import { tradevestStrategy } from './strategy';
import { tradevestTransfer } from './transfer';
import { tradevestUser } from './user';

/** Every kind of Tradevest’s objects that is followed by a workflow; a new one is one file and one line here. */
export const lifecycles: readonly LifecycleTable[] = [
  tradevestOrder,
  tradevestTransfer,
  tradevestOnboarding,
  tradevestOffboarding,
  tradevestCustomer,
  tradevestNaturalPerson,
  tradevestIdentification,
  tradevestProduct,
  tradevestProxy,
  tradevestBeneficialOwner,
  tradevestUser,
  tradevestDocument,
  tradevestPartnerDocument,
  tradevestSearch,
  tradevestStrategy,
  tradevestSavingsPlan,
  tradevestLabels,
];
