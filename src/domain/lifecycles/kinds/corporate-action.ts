import { arrangeSetUnderPolicy, foldAsked, foldJudged, foldSetNews } from '../corporate-actions/fold-set';
import { partsOfSetId } from '../corporate-actions/set-id';
import { readOrWait } from '../next-step';
import { changed, folded } from '../rules';
import type { LifecycleKind } from './kind';

/** The kind of one user's set of a corporate action: judged from the ledger once nothing more is booked for a while. */
export const corporateAction: LifecycleKind = {
  readsFrom: 'ledger',
  foldNews: (rules, subject, notification, now) =>
    notification.lifecycle === 'corporateAction'
      ? foldSetNews(rules, subject, notification, now)
      : folded('illegal', changed(subject)),
  withTimes: (content) => content,
  foldLate: (_rules, subject) => folded('late', changed(subject)),
  foldJudged,
  foldAsked,
  nextStep: (_rules, subject, now) => readOrWait(subject, now),
  underPolicy: arrangeSetUnderPolicy,
  extend: (subject) => subject,
  resolve: (subject, resolution) => ({ ...subject, resolution }),
  // The ledger knows every movement by its transaction: what it does not hold has not arrived.
  hasArrived: () => false,
  // What the row says of the set may be older than its last movement.
  newsAtRestart: (type) => ({ lifecycle: 'corporateAction', event: 'reconcile', news: { kind: 'movement', type } }),
  corporateActionIdOf: (objectId) => partsOfSetId(objectId).corporateActionId,
  owed: 'nothing new for a while, then a verdict on the set; an answer to one that is not good; its obligation passed on',
};
