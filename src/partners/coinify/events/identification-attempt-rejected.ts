import { identificationEvent } from '../identification-event';

/** One attempt failed; a later one may be approved. */
export const identificationAttemptRejected = identificationEvent('rejected');
