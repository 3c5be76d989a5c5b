import { isPast, later } from '../moments';
import type { Subject } from '../subject';

/** The longest time by which a read is put off. */
const LONGEST_MS = 30_000;

/**
 * The subject whose planned read is put off by a share, 0 to 1, of the wait for it, at most half a minute. Flows that
 * could not read at the same moment, since their partner was away, do not all come back at the same moment then.
 */
export function spreadRead(subject: Subject, share: number, now: string): Subject {
  const { read } = subject;
  if (read === null || isPast(read.at, now)) return subject;
  const waitMs = Date.parse(read.at) - Date.parse(now);
  return { ...subject, read: { ...read, at: later(read.at, Math.round(share * Math.min(waitMs, LONGEST_MS))) } };
}
