import { changed, folded } from '../rules';
import { foldPlanNews, planHasArrived } from '../savings-plan/fold-plan-news';
import { foldPlanReading } from '../savings-plan/fold-plan-reading';
import { withFollowing } from '../savings-plan/following';
import { foldLatePlan } from '../savings-plan/plan-contradictions';
import { arrangePlan, extendPlan, nextPlanStep } from '../savings-plan/plan';
import type { LifecycleKind } from './kind';

/** The kind of a savings plan: followed by its recurrences, each confirmed before its deadline. */
export const savingsPlan: LifecycleKind = {
  readsFrom: 'partner',
  foldNews: (rules, subject, notification, now) =>
    notification.lifecycle === 'savingsPlan'
      ? foldPlanNews(rules, subject, notification, now)
      : folded('illegal', changed(subject)),
  withTimes: (content, calendar) =>
    content.lifecycle === 'savingsPlan' ? { ...content, news: withFollowing(content.news, calendar) } : content,
  foldLate: foldLatePlan,
  foldRead: foldPlanReading,
  nextStep: nextPlanStep,
  underPolicy: (rules, subject, now) =>
    // Until its first notification it is due when our own backend said.
    subject.recurrences === undefined ? subject : arrangePlan(rules, subject, now),
  extend: extendPlan,
  resolve: (subject) => subject,
  hasArrived: (subject, content) => content.lifecycle === 'savingsPlan' && planHasArrived(subject, content),
  newsAtRestart: () => null,
  corporateActionIdOf: () => null,
  owed: 'a confirmation before the partner’s deadline, then finished or not_confirmed, then the next upcoming',
};
