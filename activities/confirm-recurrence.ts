import type { ConfirmRecurrence } from '../src/partners/client';
import type { ConfirmationActivities } from '../workflows/contract';
import { readFailure } from './failures';

function isOver(deadline: string | null): boolean {
  return deadline !== null && Date.parse(deadline) <= Date.now();
}

/**
 * The activity by which a savings plan confirms a recurrence before its deadline; confirming twice changes nothing.
 * Throws what `readFailure` makes.
 */
export function createConfirmationActivities(confirmRecurrence: ConfirmRecurrence): ConfirmationActivities {
  return {
    async confirmRecurrence({ recurrence }) {
      // It may have waited for a free slot: what the partner gets after the deadline would be worse than nothing.
      if (isOver(recurrence.deadline)) return { kind: 'not confirmed' };
      try {
        return { kind: await confirmRecurrence(recurrence.transactionId, recurrence.userId) };
      } catch (error) {
        throw readFailure(error, true);
      }
    },
  };
}
