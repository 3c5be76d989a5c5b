import type { Lifecycle } from '../../lifecycle';
import type { Notification } from '../../notification';
import type { ReadResult } from '../../reading';
import type { ReadPurpose, Subject } from '../../subject';
import type { NextStep } from '../next-step';
import { type Change, changed, type Folded, type Rules } from '../rules';
import { corporateAction } from './corporate-action';
import type { LifecycleKind } from './kind';
import { savingsPlan } from './savings-plan';
import { state } from './state';

const KINDS: Readonly<Record<Lifecycle, LifecycleKind>> = {
  order: state,
  transfer: state,
  onboarding: state,
  document: state,
  savingsPlan,
  corporateAction,
  // Nobody follows it; what is known of it is a state.
  recorded: state,
};

/** The kind of a lifecycle. */
export function kindOf(lifecycle: Lifecycle): LifecycleKind {
  return KINDS[lifecycle];
}

/** The fold of one notification by the kind of its subject's table; synchronous, never throws. */
export function foldNews(rules: Rules, subject: Subject, notification: Notification, now: string): Folded {
  const result = kindOf(rules.table.lifecycle).foldNews(rules, subject, notification, now);
  // What dispatch has written it has counted, too.
  const isRecovered =
    notification.isSwept === true && result.outcome === 'applied' && result.alreadyWritten === undefined;
  return isRecovered ? { ...result, recovered: result.recovered + 1 } : result;
}

/** The fold of what reading the object at its partner gave; it says nothing of what is judged from the ledger. */
export function foldRead(
  rules: Rules,
  subject: Subject,
  purpose: ReadPurpose,
  result: ReadResult,
  now: string,
): Change {
  const kind = kindOf(rules.table.lifecycle);
  return kind.readsFrom === 'partner' ? kind.foldRead(rules, subject, purpose, result, now) : changed(subject);
}

/** The next step of a subject's flow, from what is known and the time alone. */
export function nextStep(rules: Rules, subject: Subject, now: string): NextStep {
  return kindOf(rules.table.lifecycle).nextStep(rules, subject, now);
}
