import type { LifecycleTable } from '../domain/lifecycles/table';
import type { Partner } from '../domain/partner';
import { bitpandaCorporateAction } from './bitpanda/lifecycles/corporate-action';
import { bitpandaOrder } from './bitpanda/lifecycles/order';
import { bitpandaSavingsPlan } from './bitpanda/lifecycles/savings-plan';
import { bitpandaDeposit } from './bitpanda/lifecycles/deposit';
import { bitpandaPayout } from './bitpanda/lifecycles/payout';
import { bitpandaTransfer } from './bitpanda/lifecycles/transfer';
import { bitpandaUser } from './bitpanda/lifecycles/user';
import { coinifyIdentification } from './coinify/lifecycles/identification';
import { coinifyOtcTrade } from './coinify/lifecycles/otc-trade';
import { coinifyTrade } from './coinify/lifecycles/trade';
import { tradevestIdentification } from './tradevest/lifecycles/identification';
import { tradevestOffboarding } from './tradevest/lifecycles/offboarding';
import { tradevestOnboarding } from './tradevest/lifecycles/onboarding';
import { tradevestOrder } from './tradevest/lifecycles/order';
import { tradevestDocument } from './tradevest/lifecycles/document';
import { tradevestLabels } from './tradevest/lifecycles/labels';
import { tradevestPartnerDocument } from './tradevest/lifecycles/partner-document';
import { tradevestSearch } from './tradevest/lifecycles/search';
import { tradevestStrategy } from './tradevest/lifecycles/strategy';
import { tradevestProduct } from './tradevest/lifecycles/product';
import { tradevestBeneficialOwner } from './tradevest/lifecycles/beneficial-owner';
import { tradevestCustomer } from './tradevest/lifecycles/customer';
import { tradevestNaturalPerson } from './tradevest/lifecycles/natural-person';
import { tradevestProxy } from './tradevest/lifecycles/proxy';
import { tradevestTransfer } from './tradevest/lifecycles/transfer';
import { tradevestUser } from './tradevest/lifecycles/user';

/** Every kind of subject that is followed by a workflow. */
export const lifecycleTables: readonly LifecycleTable[] = [
  tradevestOrder,
  coinifyTrade,
  coinifyOtcTrade,
  bitpandaOrder,
  tradevestTransfer,
  bitpandaTransfer,
  bitpandaDeposit,
  bitpandaPayout,
  tradevestOnboarding,
  tradevestOffboarding,
  tradevestCustomer,
  tradevestNaturalPerson,
  tradevestIdentification,
  tradevestProxy,
  tradevestBeneficialOwner,
  tradevestProduct,
  tradevestUser,
  coinifyIdentification,
  bitpandaUser,
  tradevestDocument,
  tradevestPartnerDocument,
  tradevestSearch,
  tradevestStrategy,
  tradevestLabels,
  bitpandaSavingsPlan,
  bitpandaCorporateAction,
];

/** The rules of a partner's kind of object; undefined where nothing is followed. */
export function lifecycleTableOf(partner: Partner, object: string): LifecycleTable | undefined {
  return lifecycleTables.find((table) => table.partner === partner && table.object === object);
}
