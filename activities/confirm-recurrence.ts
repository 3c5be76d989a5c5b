import type { ConfirmationActivities } from '../workflows/contract';
import { readFailure } from './failures';

/** Confirms a recurrence at its partner: `not confirmed` where the partner refused. Throws `ReadFailure`. */
export type ConfirmRecurrence = (
  transactionId: string,
  userId: string | null,
) => Promise<'confirmed' | 'not confirmed'>;

/** The activity by which a savings plan confirms a recurrence before its deadline; confirming twice changes nothing. */
export function createConfirmationActivities(confirmRecurrence: ConfirmRecurrence): ConfirmationActivities {
  return {
    async confirmRecurrence({ recurrence }) {
      try {
        return { kind: await confirmRecurrence(recurrence.transactionId, recurrence.userId) };
      } catch (error) {
        throw readFailure(error, true);
      }
    },
  };
}
