import { type Age, compare } from '../table';
import type { Arrival, StateContent } from '../../notification';
import { ageOf } from '../../partner-time';
import {
  arrange,
  awaitAgreement,
  awaitAnew,
  awaitReading,
  type Change,
  changed,
  endSubject,
  enter,
  executed,
  note,
  type Rules,
  seen,
} from '../rules';
import type { Outcome, Subject } from '../../subject';

/** A notification of a subject that is followed by its states. */
type StateNotification = StateContent & Arrival;

/** What folding a notification gave. */
export interface Folded extends Change {
  readonly outcome: Outcome;
}

function as(outcome: Outcome, change: Change): Folded {
  return { ...change, outcome };
}

/** Late news contradicts when it first names another end than the one reached, or a fill where nothing was executed. */
export function contradictsEnd(rules: Rules, subject: Subject, status: string | null): boolean {
  if (status === null || subject.end === null || subject.statesSeen.includes(status)) return false;
  const rule = rules.table.states[status];
  if (rule?.ends !== undefined) return status !== subject.end.state;
  const endedUnfilled =
    rules.table.settlement !== undefined && subject.end.state !== rules.table.settlement && !executed(subject);
  return rule?.fills === true && endedUnfilled;
}

/** What arrives after an end for good changes nothing; if it contradicts that end, an operator has to know. */
export function foldLate(rules: Rules, subject: Subject, status: string | null, now: string): Folded {
  if (!contradictsEnd(rules, subject, status)) return as('late', changed(subject));
  return as('late', changed(note(subject, 'contradiction', status, now), ['contradiction']));
}

function foldIllegal(rules: Rules, subject: Subject, now: string): Folded {
  // A resting subject has nothing planned: it wakes to be read, and rests again once the read has decided.
  if (subject.end !== null) {
    return as('illegal', changed(rules.table.readable ? awaitAgreement(rules, subject, now) : subject));
  }
  const awaitsAgreement = subject.read?.purpose === 'agreement';
  const read = rules.table.readable && !awaitsAgreement ? ({ at: now, purpose: 'illegal' } as const) : subject.read;
  return as('illegal', changed({ ...subject, read }));
}

/** A partner lists an object without saying what became of it: the object is read, and says so itself. */
function foldHint(rules: Rules, subject: Subject, now: string): Folded {
  if (!rules.table.readable || subject.end !== null) return as('repeated', changed(subject));
  const planned = subject.read?.purpose === 'overdue';
  return as('applied', changed(planned ? { ...subject, read: { at: now, purpose: 'record' } } : subject));
}

/** A refused update carries no status: the state stays, the reason is kept. */
function foldRefusedUpdate(subject: Subject, reason: string | null): Folded {
  const news = reason !== null && reason !== subject.reason;
  return as(news ? 'applied' : 'repeated', changed(news ? { ...subject, reason } : subject));
}

/**
 * What an older fill changes of the plan. An end that settles when executed now owes its settlement. No other end is
 * touched: a fill is never the read that an end waits for. Otherwise the object is read again for what was executed.
 */
function planAfterFill(rules: Rules, before: Subject, known: Subject, now: string): Subject {
  const settles = rules.table.states[known.state ?? '']?.settlesWhenExecuted === true;
  const planned = settles && !executed(before) && executed(known) ? arrange(rules, known, true, now) : known;
  return planned.read?.purpose === 'overdue' ? { ...planned, read: { at: now, purpose: 'fill' } } : planned;
}

/** An older or equal status: news only if it is the first to say that a quantity was executed, or how much. */
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
  const isSame = status === subject.state;
  const newReason = isSame && notification.reason !== null && notification.reason !== subject.reason;
  const known: Subject = {
    ...(isSame ? withTimeOf(subject, notification) : subject),
    reason: newReason ? notification.reason : subject.reason,
    statesSeen: seen(subject, status),
    filled: subject.filled || fills,
    executions: firstExecutions ? notification.executions : subject.executions,
  };
  const outcome = firstFill || firstExecutions || newReason ? 'applied' : 'repeated';
  if (subject.waitingFor.includes(status)) return as(outcome, changed(awaitAnew(rules, known, now)));
  return as(outcome, changed(fills ? planAfterFill(rules, subject, known, now) : known));
}

/** The partner's time of the state, unless an older notification brings it. */
function withTimeOf(subject: Subject, { changedAt }: StateNotification): Subject {
  if (changedAt === undefined || ageOf(changedAt, subject.changedAt) === 'older') return subject;
  return { ...subject, changedAt };
}

/** What the notification says beside its status. */
function told(subject: Subject, notification: StateNotification): Subject {
  const { executions, reason, facts, named } = notification;
  return {
    ...withTimeOf(subject, notification),
    executions: executions.length > 0 ? executions : subject.executions,
    reason: reason ?? subject.reason,
    ...(facts === undefined ? {} : { facts: { ...subject.facts, ...facts } }),
    ...(named === undefined ? {} : { named: Object.fromEntries(named.map((word) => [word, null])) }),
  };
}

function foldStatus(
  rules: Rules,
  subject: Subject,
  notification: StateNotification,
  status: string,
  now: string,
): Folded {
  const age: Age = ageOf(notification.changedAt, subject.changedAt);
  switch (compare(rules.table, subject.state, status, age)) {
    case 'contradicting':
      return foldIllegal(rules, subject, now);
    case 'same':
    case 'behind':
      return foldOlder(rules, subject, notification, status, now);
    case 'ahead':
      return as('applied', changed(enter(rules, told(subject, notification), status, 'partner', now)));
  }
}

/** What has to be acted on is told with the news that brings it, and only then. */
function calling(folded: Folded, { callToAct }: StateNotification): Folded {
  if (callToAct === undefined || folded.outcome !== 'applied') return folded;
  return { ...folded, alerts: [...folded.alerts, callToAct] };
}

/** Folds one notification; synchronous, never throws, and the same whatever the order of arrival. */
export function foldNotification(rules: Rules, subject: Subject, notification: StateNotification, now: string): Folded {
  return calling(fold(rules, subject, notification, now), notification);
}

/** Without a status there is only the object to be read; where it cannot be, there is nothing to wait for. */
function foldStatusless(rules: Rules, subject: Subject, notification: StateNotification, now: string): Folded {
  const known = told(subject, notification);
  const isRead = rules.table.readable;
  return as('applied', changed(isRead ? awaitReading(rules, known, now) : endSubject(known, now, 'partner', true)));
}

function fold(rules: Rules, subject: Subject, notification: StateNotification, now: string): Folded {
  if (subject.end !== null && subject.closedForGood) return foldLate(rules, subject, notification.status, now);
  const hinted = { ...subject, readHints: { ...subject.readHints, ...notification.readHints } };
  if (notification.contradictsEarlier) return foldIllegal(rules, hinted, now);
  if (rules.table.statusless === true) return foldStatusless(rules, hinted, notification, now);
  if (notification.status === null && notification.isSwept === true) return foldHint(rules, hinted, now);
  if (notification.status === null) return foldRefusedUpdate(hinted, notification.reason);
  return foldStatus(rules, hinted, notification, notification.status, now);
}
