import { upcomingEvent } from '../savings-plan';

/** A recurrence is to be confirmed (deprecated version). */
export const savingsPlanUpcomingTrade = upcomingEvent('savings-plan-upcoming-trade');
