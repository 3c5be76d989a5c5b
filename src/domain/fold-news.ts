import { type Folded, foldNotification } from './fold-notification';
import type { Notification } from './notification';
import type { Rules } from './rules';
import { foldPlanNews } from './savings-plan/fold-plan-news';
import type { Subject } from './subject';

/** Folds one notification of whatever lifecycle; synchronous, never throws. */
export function foldNews(rules: Rules, subject: Subject, notification: Notification, now: string): Folded {
  if (notification.lifecycle === 'savingsPlan') return foldPlanNews(rules, subject, notification, now);
  return foldNotification(rules, subject, notification, now);
}
