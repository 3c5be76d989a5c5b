import type { LifecycleTable } from '../lifecycle';
import type { Partner } from '../notification';
import { bitpandaCorporateAction } from './bitpanda-corporate-action';
import { bitpandaOrder } from './bitpanda-order';
import { bitpandaSavingsPlan } from './bitpanda-savings-plan';
import { bitpandaDeposit, bitpandaPayout, bitpandaTransfer } from './bitpanda-transfers';
import { bitpandaUser } from './bitpanda-user';
import { coinifyIdentification } from './coinify-identification';
import { coinifyOtcTrade } from './coinify-otc-trade';
import { coinifyTrade } from './coinify-trade';
import { tradevestIdentification } from './tradevest-identification';
import { tradevestOffboarding } from './tradevest-offboarding';
import { tradevestOnboarding } from './tradevest-onboarding';
import { tradevestOrder } from './tradevest-order';
import {
  tradevestDocument,
  tradevestLabels,
  tradevestPartnerDocument,
  tradevestSearch,
  tradevestStrategy,
} from './tradevest-papers';
import { tradevestProduct } from './tradevest-product';
import { tradevestBeneficialOwner, tradevestCustomer, tradevestNaturalPerson, tradevestProxy } from './tradevest-roles';
import { tradevestTransfer } from './tradevest-transfer';
import { tradevestUser } from './tradevest-user';

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
