import type { LifecycleTable } from '../../../domain/lifecycles/table';
import { bitpandaCorporateAction } from './corporate-action';
import { bitpandaDeposit } from './deposit';
import { bitpandaOrder } from './order';
import { bitpandaPayment } from './payment';
import { bitpandaPayout } from './payout';
import { bitpandaSavingsPlan } from './savings-plan';
import { bitpandaTransfer } from './transfer';
import { bitpandaUser } from './user';

/** Every kind of Bitpanda’s objects that is followed by a workflow; a new one is one file and one line here. */
export const lifecycles: readonly LifecycleTable[] = [
  bitpandaOrder,
  bitpandaTransfer,
  bitpandaDeposit,
  bitpandaPayout,
  bitpandaPayment,
  bitpandaUser,
  bitpandaSavingsPlan,
  bitpandaCorporateAction,
];
