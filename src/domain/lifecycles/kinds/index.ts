import { foldSetNews } from '../corporate-actions/fold-set';
import { type Folded, foldNotification } from '../states/fold-notification';
import { foldReading } from '../states/fold-reading';
import type { Notification } from '../../notification';
import type { ReadResult } from '../../reading';
import type { Change, Rules } from '../rules';
import { foldPlanNews } from '../savings-plan/fold-plan-news';
import { foldPlanReading } from '../savings-plan/fold-plan-reading';
import type { ReadPurpose, Subject } from '../../subject';

/** Folds one notification of whatever lifecycle; synchronous, never throws. */
export function foldNews(rules: Rules, subject: Subject, notification: Notification, now: string): Folded {
  // What a set's movements recover is counted where they are booked.
  if (notification.lifecycle === 'corporateAction') return foldSetNews(rules, subject, notification, now);
  const folded =
    notification.lifecycle === 'savingsPlan'
      ? foldPlanNews(rules, subject, notification, now)
      : foldNotification(rules, subject, notification, now);
  const isRecovered = notification.isSwept === true && folded.outcome === 'applied';
  return isRecovered ? { ...folded, recovered: folded.recovered + 1 } : folded;
}

/** Folds what reading the object gave, of whatever lifecycle. */
export function foldRead(
  rules: Rules,
  subject: Subject,
  purpose: ReadPurpose,
  result: ReadResult,
  now: string,
): Change {
  const fold = subject.lifecycle === 'savingsPlan' ? foldPlanReading : foldReading;
  return fold(rules, subject, purpose, result, now);
}
