/** The time before the deadline at which a recurrence that is not confirmed yet is alerted. */
export const CONFIRMATION_MARGIN = 'confirmation margin';
/** The time after the deadline by which the end of a recurrence (finished or failed) is due. */
export const RECURRENCE_END = 'recurrence end';
/**
 * The longest time after a deadline at which the next recurrence named is the announced one itself, by the partner's own
 * example (deadline 11:00, recurrence 12:00): the following one comes a period later.
 */
export const OWN_RECURRENCE = 'own recurrence';
