/** So long nothing new may come before a set is judged. */
export const QUIET_PERIOD = 'settle';
/** By then somebody has to have answered for a set that is broken or could not be verified. */
export const ANSWER = 'answer';
/** By then money that reached our wallet has to have been passed on. */
export const OBLIGATION = 'obligation';
