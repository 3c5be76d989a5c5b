import { identificationEvent } from '../identification-event';

/** The trader is identified. */
export const identificationAttemptApproved = identificationEvent('approved');
