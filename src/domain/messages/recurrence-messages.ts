import type { Recurrence } from '../lifecycles/savings-plan/recurrence';
import type { OutgoingMessage } from '../outgoing';
import { type SubjectChange, told } from './told';

/** Messages of a savings plan's recurrences: announced, confirmed, executed, or free again. */
export function recurrenceMessages(change: SubjectChange): readonly OutgoingMessage[] {
  const known = new Map((change.before?.recurrences ?? []).map((one) => [one.transactionId, one]));
  return (change.after.recurrences ?? []).flatMap((after) =>
    RECURRENCE_TYPES.filter(({ isTrue }) => {
      const before = known.get(after.transactionId);
      return isTrue(after) && (before === undefined || !isTrue(before));
    }).map(({ type }) => recurrenceMessage(change, type, after)),
  );
}

/** Types of messages about a recurrence, each told when it becomes true. */
const RECURRENCE_TYPES = [
  { type: 'recurrence.upcoming', isTrue: ({ announcedAt }) => announcedAt !== null },
  { type: 'recurrence.confirmed', isTrue: ({ confirmedAt }) => confirmedAt !== null },
  { type: 'recurrence.finished', isTrue: ({ state }) => state === FINISHED },
  { type: 'recurrence.released', isTrue: isReleased },
] as const satisfies readonly { type: string; isTrue: (recurrence: Recurrence) => boolean }[];

/** The partner's word for a recurrence that was executed. */
const FINISHED = 'finished';

/** True where nothing is reserved for it any more: declined, not confirmed in time, failed, or given up with its plan. */
function isReleased({ state, decision, confirmedAt, final }: Recurrence): boolean {
  if (state === FINISHED) return false;
  return final || (confirmedAt === null && (decision === 'decline' || decision === 'none'));
}

function recurrenceMessage(change: SubjectChange, type: string, one: Recurrence): OutgoingMessage {
  const { transactionId, state, deadline, decision, confirmedAt, userId, amount, currency } = one;
  const at = type === 'recurrence.confirmed' ? (confirmedAt ?? change.at) : change.at;
  const recurrence = { transactionId, state, deadline, decision, confirmedAt, amount, currency };
  const amounts = amount === null ? [] : [{ what: 'amount', amount, unit: currency }];
  const own = { amounts, ...(userId === null ? {} : { userId }) };
  return told(change, type, at, { key: transactionId, data: { ...own, recurrence } });
}
