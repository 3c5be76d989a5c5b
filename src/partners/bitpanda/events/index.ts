import type { PartnerEvent } from '../../event';
import { automatedOrders } from './automated-orders';
import { corporateActions } from './corporate-actions';
import { cryptoActions } from './crypto-actions';
import { cryptoTransfers } from './crypto-transfers';
import { nonUserInitiatedTransactions } from './non-user-initiated-transactions';
import { nonUserInitiatedTransactionsV2 } from './non-user-initiated-transactions-v2';
import { nonUserInitiatedTransactionsV3 } from './non-user-initiated-transactions-v3';
import { reports } from './reports';
import { savingsPlanAutoCancel } from './savings-plan-auto-cancel';
import { savingsPlanFailedTrade } from './savings-plan-failed-trade';
import { savingsPlanSuccessfulTrade } from './savings-plan-successful-trade';
import { savingsPlanUpcomingTrade } from './savings-plan-upcoming-trade';
import { savingsPlanUpcomingTradeV2 } from './savings-plan-upcoming-trade-v2';
import { sendMoney } from './send-money';
import { sendMoneySuccess } from './send-money-success';
import { sendMoneySuccessV2 } from './send-money-success-v2';
import { sendMoneyV2 } from './send-money-v2';
import { topUpRequest } from './top-up-request';
import { topUpRequestV2 } from './top-up-request-v2';
import { topUpSuccess } from './top-up-success';
import { topUpSuccessV2 } from './top-up-success-v2';
import { userUpdates } from './user-updates';

/** Every event of Bitpanda that is understood, with its versions; a new one is one file and one line here. */
export const bitpandaEvents: readonly PartnerEvent[] = [
  automatedOrders,
  corporateActions,
  cryptoActions,
  cryptoTransfers,
  nonUserInitiatedTransactions,
  nonUserInitiatedTransactionsV2,
  nonUserInitiatedTransactionsV3,
  reports,
  savingsPlanAutoCancel,
  savingsPlanFailedTrade,
  savingsPlanSuccessfulTrade,
  savingsPlanUpcomingTrade,
  savingsPlanUpcomingTradeV2,
  sendMoney,
  sendMoneySuccess,
  sendMoneySuccessV2,
  sendMoneyV2,
  topUpRequest,
  topUpRequestV2,
  topUpSuccess,
  topUpSuccessV2,
  userUpdates,
];
