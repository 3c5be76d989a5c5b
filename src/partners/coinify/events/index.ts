import type { PartnerEvent } from '../../event';
import { identificationAttemptApproved } from './identification-attempt-approved';
import { identificationAttemptRejected } from './identification-attempt-rejected';
import { otcTradeCompleted } from './otc-trade-completed';
import { tradeCancelled } from './trade-cancelled';
import { tradeCompleted } from './trade-completed';
import { tradeCreated } from './trade-created';
import { tradeExpired } from './trade-expired';
import { tradeRejected } from './trade-rejected';
import { tradeTransferInCompleted } from './trade-transfer-in-completed';

/** Every event of Coinify that is understood; a new one is one file and one line here. */
export const coinifyEvents: readonly PartnerEvent[] = [
  tradeCreated,
  tradeTransferInCompleted,
  tradeCompleted,
  tradeCancelled,
  tradeExpired,
  tradeRejected,
  otcTradeCompleted,
  identificationAttemptApproved,
  identificationAttemptRejected,
];
