/** The time in which no movement may come before a set is judged. */
export const QUIET_PERIOD = 'settle';
/** The time by which somebody has to have answered for a set that is broken or could not be verified. */
export const ANSWER = 'answer';
/** The time by which money that reached our wallet has to have been passed on. */
export const OBLIGATION = 'obligation';
