import { compare } from './lifecycle';
import type { Notification } from './notification';
import { arrange, awaitAnew, type Change, changed, enter, executed, note, type Rules, seen } from './rules';
import type { Outcome, Subject } from './subject';

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
  const endedUnfilled = subject.end.state !== rules.table.settlement && !executed(subject);
  return rule?.fills === true && endedUnfilled;
}

/** What arrives after an end for good changes nothing; if it contradicts that end, an operator has to know. */
export function foldLate(rules: Rules, subject: Subject, status: string | null, now: string): Folded {
  if (!contradictsEnd(rules, subject, status)) return as('late', changed(subject));
  return as('late', changed(note(subject, 'contradiction', status, now), ['contradiction']));
}

function foldIllegal(rules: Rules, subject: Subject, now: string): Folded {
  const awaitsAgreement = subject.read?.purpose === 'agreement';
  const read = rules.table.readable && !awaitsAgreement ? ({ at: now, purpose: 'illegal' } as const) : subject.read;
  return as('illegal', changed({ ...subject, read }));
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
function foldOlder(rules: Rules, subject: Subject, notification: Notification, status: string, now: string): Folded {
  const fills = rules.table.states[status]?.fills === true;
  const firstFill = fills && !subject.filled && !subject.corrected;
  const firstExecutions = subject.executions.length === 0 && notification.executions.length > 0;
  const known: Subject = {
    ...subject,
    statesSeen: seen(subject, status),
    filled: subject.filled || fills,
    executions: firstExecutions ? notification.executions : subject.executions,
  };
  const outcome = firstFill || firstExecutions ? 'applied' : 'repeated';
  if (subject.waitingFor.includes(status)) return as(outcome, changed(awaitAnew(rules, known, now)));
  return as(outcome, changed(fills ? planAfterFill(rules, subject, known, now) : known));
}

function foldStatus(rules: Rules, subject: Subject, notification: Notification, status: string, now: string): Folded {
  switch (compare(rules.table, subject.state, status)) {
    case 'contradicting':
      return foldIllegal(rules, subject, now);
    case 'same':
    case 'behind':
      return foldOlder(rules, subject, notification, status, now);
    case 'ahead': {
      const executions = notification.executions.length > 0 ? notification.executions : subject.executions;
      const told = { ...subject, executions, reason: notification.reason ?? subject.reason };
      return as('applied', changed(enter(rules, told, status, 'partner', now)));
    }
  }
}

/** Folds one notification; synchronous, never throws, and the same whatever the order of arrival. */
export function foldNotification(rules: Rules, subject: Subject, notification: Notification, now: string): Folded {
  if (subject.end !== null && subject.closedForGood) return foldLate(rules, subject, notification.status, now);
  const hinted = { ...subject, readHints: { ...subject.readHints, ...notification.readHints } };
  if (notification.contradictsEarlier) return foldIllegal(rules, hinted, now);
  if (notification.status === null) return foldRefusedUpdate(hinted, notification.reason);
  return foldStatus(rules, hinted, notification, notification.status, now);
}
