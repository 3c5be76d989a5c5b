import { changed, folded } from '../rules';
import { readOrWait } from '../next-step';
import { arrangeUnderPolicy } from '../states/arrange';
import { foldLate } from '../states/contradictions';
import { foldNotification } from '../states/fold-notification';
import { foldReadOrAnswer, withAnswers } from '../states/answers';
import { dueRequest, requestsDue } from '../states/requests';
import { ageOf } from '../../partner-time';
import { isStateContent } from '../../notification';
import type { LifecycleKind } from './kind';

/** The kind of a subject that is followed by its states: order, transfer, onboarding, document. */
export const state: LifecycleKind = {
  readsFrom: 'partner',
  foldNews: (rules, subject, notification, now) =>
    isStateContent(notification)
      ? withAnswers(rules, subject, notification, foldNotification(rules, subject, notification, now), now)
      : folded('illegal', changed(subject)),
  withTimes: (content) => content,
  foldLate: (rules, subject, news, now) =>
    isStateContent(news) ? foldLate(rules, subject, news, now) : folded('late', changed(subject)),
  foldRead: foldReadOrAnswer,
  nextStep: (_rules, subject, now) =>
    dueRequest(subject, now) === null
      ? readOrWait(subject, now, requestsDue(subject))
      : { kind: 'read', purpose: 'overdue' },
  underPolicy: arrangeUnderPolicy,
  extend: (subject) => subject,
  resolve: (subject) => subject,
  hasArrived(subject, content) {
    if (!isStateContent(content)) return false;
    if (content.status === null) return subject.end !== null;
    return subject.statesSeen.includes(content.status) && ageOf(content.changedAt, subject.changedAt) !== 'newer';
  },
  newsAtRestart: () => null,
  corporateActionIdOf: () => null,
  owed: null,
};
