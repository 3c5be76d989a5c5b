import type { PartnerEvent } from '../../event';
import { automatedOrders } from './automated-orders';
import { cryptoTransfers } from './crypto-transfers';
import { corporateActions, cryptoActions, transactionEvents } from './movements';
import { reports } from './reports';
import { savingsPlanEvents } from './savings-plans';
import { settlementEvents } from './settlement';
import { transactionUpdate } from './transaction-update';
import { userUpdates } from './user-updates';

/** Every event of Bitpanda that is understood; a new one is one entry of its family's list, or a file and one line here. */
export const bitpandaEvents: readonly PartnerEvent[] = [
  automatedOrders,
  corporateActions,
  cryptoActions,
  cryptoTransfers,
  ...transactionEvents,
  reports,
  ...savingsPlanEvents,
  ...settlementEvents,
  transactionUpdate,
  userUpdates,
];
