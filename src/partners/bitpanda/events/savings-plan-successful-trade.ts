import { recurrenceEndEvent } from '../savings-plan';

/** A recurrence was executed. */
export const savingsPlanSuccessfulTrade = recurrenceEndEvent('savings-plan-successful-trade');
