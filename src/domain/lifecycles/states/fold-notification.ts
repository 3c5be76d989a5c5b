import { mergeAmounts } from '../../details';
import type { Arrival, StateContent } from '../../notification';
import { ageOf } from '../../partner-time';
import type { Subject } from '../../subject';
import { type Change, changed, endSubject, type Folded, folded, type Rules, tellsAll } from '../rules';
import { type Age, compare } from '../table';
import { arrange, awaitAgreement, awaitAnew, awaitReading, isExecuted, withState } from './arrange';
import { contradict, enterTold, foldLate, isAnother, mayFollow, withAnother } from './contradictions';

/** A notification of a subject that is followed by its states. */
export type StateNotification = StateContent & Arrival;

/** The fold of one notification; synchronous, never throws, and the same whatever the order of arrival. */
export function foldNotification(rules: Rules, subject: Subject, notification: StateNotification, now: string): Folded {
  const result = fold(rules, subject, notification, now);
  const { callToAct } = notification;
  // What people have to act on is alerted once: by the notification that first says so.
  if (callToAct === undefined || result.outcome !== 'applied') return result;
  return { ...result, alerts: [...result.alerts, callToAct] };
}

function fold(rules: Rules, subject: Subject, notification: StateNotification, now: string): Folded {
  if (subject.end !== null && subject.closedForGood) return foldLate(rules, subject, notification, now);
  const hinted = { ...subject, readHints: { ...subject.readHints, ...notification.readHints } };
  if (notification.contradictsEarlier) return foldIllegal(rules, hinted, notification.status, now);
  if (rules.table.statusless === true) return foldStatusless(rules, hinted, notification, now);
  if (notification.status === null && notification.isSwept === true) return foldListing(rules, hinted, now);
  if (notification.status === null) return foldRefusedUpdate(hinted, notification.reason);
  return foldStatus(rules, hinted, notification, notification.status, now);
}

/** Told at once where no read is offered; everything else is read first, and the read decides. */
function foldIllegal(rules: Rules, subject: Subject, status: string | null, now: string): Folded {
  if (!rules.table.readable && tellsAll(rules)) return folded('illegal', contradict(rules, subject, status, now));
  // A resting subject has nothing planned: it is read, and rests again once the read has decided.
  if (subject.end !== null) {
    return folded('illegal', changed(rules.table.readable ? awaitAgreement(rules, subject, now) : subject));
  }
  const awaitsAgreement = subject.read?.purpose === 'agreement';
  const read = rules.table.readable && !awaitsAgreement ? ({ at: now, purpose: 'illegal' } as const) : subject.read;
  return folded('illegal', changed({ ...subject, read }));
}

/** Without a status there is only the object to be read; where it cannot be, there is nothing to wait for. */
function foldStatusless(rules: Rules, subject: Subject, notification: StateNotification, now: string): Folded {
  const known = withDetails(subject, notification);
  const { readable } = rules.table;
  return folded(
    'applied',
    changed(readable ? awaitReading(rules, known, now) : endSubject(known, now, 'partner', true)),
  );
}

/** A partner lists an object without saying what became of it: the object is read, and says so itself. */
function foldListing(rules: Rules, subject: Subject, now: string): Folded {
  if (!rules.table.readable || subject.end !== null) return folded('repeated', changed(subject));
  const planned = subject.read?.purpose === 'overdue';
  return folded('applied', changed(planned ? { ...subject, read: { at: now, purpose: 'record' } } : subject));
}

/** A refused update carries no status: the state stays, the reason is kept. */
function foldRefusedUpdate(subject: Subject, reason: string | null): Folded {
  if (reason === null || reason === subject.reason) return folded('repeated', changed(subject));
  return folded('applied', changed({ ...subject, reason }));
}

function foldStatus(
  rules: Rules,
  subject: Subject,
  notification: StateNotification,
  status: string,
  now: string,
): Folded {
  const age: Age = ageOf(notification.changedAt, subject.changedAt);
  const comparison = compare(rules.table, subject.state, status, age);
  const isNewer =
    age === 'newer' &&
    comparison !== 'ahead' &&
    !isNeverAfter(rules, subject, status) &&
    mayFollow(rules, subject, status);
  switch (isNewer ? 'ahead' : comparison) {
    case 'contradicting':
      return foldIllegal(rules, subject, status, now);
    case 'same':
    case 'behind':
      return foldOlder(rules, subject, notification, status, now);
    case 'ahead':
      return folded('applied', enterTold(rules, withDetails(subject, notification), status, 'partner', now));
  }
}

function isNeverAfter({ table }: Rules, { state }: Subject, status: string): boolean {
  return state !== null && table.states[status]?.neverAfter?.includes(state) === true;
}

/** The subject with what the notification says beside its status. */
function withDetails(subject: Subject, notification: StateNotification): Subject {
  const { executions, reason, facts, amounts, named } = notification;
  return {
    ...withTimeOf(subject, notification),
    executions: executions.length > 0 ? executions : subject.executions,
    reason: reason ?? subject.reason,
    ...(facts === undefined ? {} : { facts: { ...subject.facts, ...facts } }),
    ...(amounts === undefined ? {} : { amounts: mergeAmounts(subject.amounts ?? [], amounts) }),
    ...(named === undefined ? {} : { named: Object.fromEntries(named.map((name) => [name, null])) }),
  };
}

/** The partner's time of the state, unless an older notification brings it. */
function withTimeOf(subject: Subject, { changedAt }: StateNotification): Subject {
  if (changedAt === undefined || ageOf(changedAt, subject.changedAt) === 'older') return subject;
  return { ...subject, changedAt };
}

/** An older or equal status is applied only if it first says that a quantity was executed, how much, or why. */
function foldOlder(
  rules: Rules,
  subject: Subject,
  notification: StateNotification,
  status: string,
  now: string,
): Folded {
  const fills = rules.table.states[status]?.fills === true;
  const firstFill = fills && !subject.filled && !subject.corrected;
  const firstExecutions = subject.executions.length === 0 && notification.executions.length > 0;
  const takesBack = isLateCorrection(rules, subject, status);
  const isSame = status === subject.state;
  const newReason = isSame && notification.reason !== null && notification.reason !== subject.reason;
  const known: Subject = {
    ...(isSame ? withTimeOf(subject, notification) : subject),
    reason: newReason ? notification.reason : subject.reason,
    statesSeen: withState(subject, status),
    filled: subject.filled || fills,
    corrected: subject.corrected || takesBack,
    quantityRead: takesBack ? null : subject.quantityRead,
    executions: firstExecutions ? notification.executions : subject.executions,
  };
  const outcome = firstFill || firstExecutions || newReason || takesBack ? 'applied' : 'repeated';
  if (isAnother(rules, subject, notification)) {
    return folded('applied', contradict(rules, withAnother(rules, known, notification), status, now));
  }
  if (isUndatedReturn(rules, subject, notification))
    return folded(outcome, decideReturn(rules, subject, known, status, now));
  if (takesBack) return folded(outcome, changed(arrangeAfterCorrection(rules, known, now)));
  if (subject.waitingFor.includes(status)) return folded(outcome, changed(awaitAnew(rules, known, now)));
  return folded(outcome, changed(fills ? arrangeAfterFill(rules, subject, known, now) : known));
}

/** True for an earlier state that the partner may have gone back to, where no time says whether it has. */
function isUndatedReturn(rules: Rules, subject: Subject, { status, changedAt }: StateNotification): boolean {
  const isReturn = status !== null && status !== subject.state;
  return isReturn && ageOf(changedAt, subject.changedAt) === 'unknown' && mayFollow(rules, subject, status);
}

/** The object is read, and the read decides. Where none is offered people have to know, once. */
function decideReturn(rules: Rules, subject: Subject, known: Subject, status: string, now: string): Change {
  if (rules.table.readable) return foldIllegal(rules, known, status, now);
  return changed(known, subject.statesSeen.includes(status) ? [] : ['contradiction']);
}

/** True for a correction that first comes after a state of a higher rank: it takes earlier fills back all the same. */
function isLateCorrection(rules: Rules, { corrected }: Subject, status: string): boolean {
  const corrects = rules.table.states[status]?.corrects === true;
  return corrects && !corrected && rules.goesNewWay?.('corrections-take-back') !== false;
}

/** Plan after an older correction: an end that waited for a settlement owes none, unless a read shows a quantity again. */
function arrangeAfterCorrection(rules: Rules, known: Subject, now: string): Subject {
  if (rules.table.states[known.state ?? '']?.settlesWhenExecuted !== true) return known;
  return arrange(rules, { ...known, since: now, step: 0, tries: 0, overdue: false, finding: null }, false, now);
}

/**
 * Plan after an older fill. An end that settles when executed now owes its settlement. No other end is touched: a
 * fill is never the read that an end waits for. Otherwise the object is read again for its executions.
 */
function arrangeAfterFill(rules: Rules, before: Subject, known: Subject, now: string): Subject {
  const settles = rules.table.states[known.state ?? '']?.settlesWhenExecuted === true;
  const planned = settles && !isExecuted(before) && isExecuted(known) ? arrange(rules, known, true, now) : known;
  return planned.read?.purpose === 'overdue' ? { ...planned, read: { at: now, purpose: 'fill' } } : planned;
}
