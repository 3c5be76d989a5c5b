import type { NotificationContent } from './notification';
import { ageOf } from './partner-time';
import type { Subject } from './subject';

/** How a sweep's failure is called whose partner listed more than is read at once; what came before is kept. */
export const CUT_OFF = 'cut off';

function planHasArrived(
  subject: Subject,
  content: Extract<NotificationContent, { lifecycle: 'savingsPlan' }>,
): boolean {
  const { news } = content;
  if (news.kind === 'auto-cancel') return subject.state === 'canceled';
  const known = subject.recurrences?.find(({ transactionId }) => transactionId === news.transactionId);
  return known !== undefined && (news.kind === 'upcoming' || known.final);
}

/**
 * True when a swept event tells nothing that the stored subject does not know, although no event id proves that it has
 * arrived: its status was seen, and the partner's own time makes it no newer one.
 */
export function isKnown(subject: Subject | null, content: NotificationContent): boolean {
  if (subject === null || content.lifecycle === 'recorded' || content.lifecycle === 'corporateAction') return false;
  if (content.lifecycle === 'savingsPlan') return planHasArrived(subject, content);
  if (content.status === null) return subject.end !== null;
  return subject.statesSeen.includes(content.status) && ageOf(content.changedAt, subject.changedAt) !== 'newer';
}
