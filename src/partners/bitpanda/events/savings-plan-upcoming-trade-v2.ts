import { upcomingEvent } from '../savings-plan';

/** A recurrence is to be confirmed. */
export const savingsPlanUpcomingTradeV2 = upcomingEvent('savings-plan-upcoming-trade-v2');
