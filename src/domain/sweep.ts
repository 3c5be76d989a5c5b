import { kindOf } from './lifecycles/kinds';
import type { NotificationContent } from './notification';
import type { Subject } from './subject';

/** The name of a sweep's failure whose partner listed more than is read at once; what came before is kept. */
export const CUT_OFF = 'cut off';

/**
 * True when a swept event says nothing that the stored subject does not know, although no event id proves that it has
 * arrived: its status was seen, and the partner's own time makes it no newer one.
 */
export function isKnown(subject: Subject | null, content: NotificationContent): boolean {
  if (subject === null || content.lifecycle === 'recorded') return false;
  return kindOf(content.lifecycle).hasArrived(subject, content);
}
