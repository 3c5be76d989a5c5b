import { recurrenceEndEvent } from '../savings-plan';

/** A recurrence was not executed, for instance because nobody confirmed it. */
export const savingsPlanFailedTrade = recurrenceEndEvent('savings-plan-failed-trade');
