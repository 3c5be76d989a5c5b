import { activityInfo } from '@temporalio/activity';

import { millisecondsOf } from '../src/domain/moments';
import type { ConfirmRecurrence } from '../src/partners/client';
import type { ConfirmationActivities } from '../workflows/contract';
import { readFailure } from './failures';

/** The server's time at which it was to be confirmed decides: a worker whose clock is ahead would give up too early. */
function isOver(deadline: string | null): boolean {
  return deadline !== null && millisecondsOf(deadline) <= activityInfo().currentAttemptScheduledTimestampMs;
}

/**
 * The activity by which a savings plan confirms a recurrence before its deadline; confirming twice changes nothing.
 * Throws what `readFailure` makes.
 */
export function createConfirmationActivities(confirmRecurrence: ConfirmRecurrence): ConfirmationActivities {
  return {
    async confirmRecurrence({ recurrence }) {
      // What the partner gets after the deadline would be worse than nothing; the server keeps it from starting later.
      if (isOver(recurrence.deadline)) return { kind: 'not confirmed' };
      try {
        return { kind: await confirmRecurrence(recurrence.transactionId, recurrence.userId) };
      } catch (error) {
        throw readFailure(error, true);
      }
    },
  };
}
