import { blankSubject, type Subject } from './subject';
import { writableText } from './plain-text';

/** A time with a year of more than four digits, or none: `Date` writes it so, and PostgreSQL refuses it. */
const BEYOND_THE_CALENDAR = /^([+-])\d{6}-\d{2}-\d{2}T[\d:.]+Z$/;

/**
 * The value with U+FFFD in place of each character that PostgreSQL or JSON refuses, at any depth, and with the nearest
 * time of the database's calendar in place of one beyond it.
 */
export function writable<T>(value: T): T;
export function writable(value: unknown): unknown {
  if (typeof value === 'string') return writableWord(value);
  if (Array.isArray(value)) return value.map((one) => writable<unknown>(one));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [writableWord(name), writable<unknown>(one)]));
}

function writableWord(text: string): string {
  const [, sign] = BEYOND_THE_CALENDAR.exec(text) ?? [];
  if (sign === undefined) return writableText(text);
  return sign === '+' ? '9999-12-31T23:59:59.999Z' : '1970-01-01T00:00:00.000Z';
}

/** The subject with a fact that says what the database refused of it, so that every operator sees it. */
export function withRefusal(subject: Subject, cause: string): Subject {
  return { ...subject, facts: { ...subject.facts, refusedWrite: cause } };
}

/**
 * The least that a row has to show of a subject: where it stands, and whether it has ended. For a subject that is
 * refused although every character and time of it can be written.
 */
export function bareSubject(subject: Subject, now: string): Subject {
  const { state, stateBy, statesSeen, waitingFor, overdue, step, end, closedForGood, facts = {} } = subject;
  const { refusedWrite } = facts;
  return {
    ...blankSubject(subject, subject.lifecycle, now),
    ...{ state, stateBy, statesSeen, waitingFor, overdue, step, end, closedForGood },
    dueAt: subject.dueAt === null ? null : now,
    read: subject.read === null ? null : { ...subject.read, at: now },
    ...(refusedWrite === undefined ? {} : { facts: { refusedWrite } }),
  };
}
