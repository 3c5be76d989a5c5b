/** Before the deadline: an alert that a recurrence is not confirmed yet. */
export const CONFIRMATION_MARGIN = 'confirmation margin';
/** After the deadline: by then its end (finished or failed) is due. */
export const RECURRENCE_END = 'recurrence end';
/**
 * A next recurrence this close after the deadline is the one announced, by the partner's own example (deadline 11:00,
 * recurrence 12:00): the following one comes a period later.
 */
export const OWN_RECURRENCE = 'own recurrence';
