import { backOffMs } from '../back-off';
import { type Change, changed, note, type Rules } from './rules';
import type { FindingKind, Subject } from '../subject';

/** A moment so many milliseconds after another. */
export function later(now: string, waitMs: number): string {
  return new Date(Date.parse(now) + waitMs).toISOString();
}

/** How long an overdue subject rests on the rung it stands on. */
export function stepWaitMs(rules: Rules, step: number): number {
  return rules.policy.ladder[step]?.waitMs ?? rules.policy.thenEveryMs;
}

/** One rung up the ladder: note what was found, alert where the rung says so, plan the next read. */
export function escalate(
  rules: Rules,
  subject: Subject,
  finding: FindingKind,
  found: string | null,
  now: string,
): Change {
  const next: Subject = {
    ...note(subject, finding, found, now),
    overdue: true,
    step: subject.step + 1,
    tries: 0,
    read: { at: later(now, stepWaitMs(rules, subject.step)), purpose: 'overdue' },
  };
  return changed(next, rules.policy.ladder[subject.step]?.alert === true ? [finding] : []);
}

const BACKLOG_WAIT = { firstMs: 2_000, longestMs: 60_000 };

/** Our own deliveries are still pending: look again soon, ever less often. Not policy: it says how fast *we* catch up. */
export function waitForBacklog(subject: Subject, now: string): Subject {
  const at = later(now, backOffMs(BACKLOG_WAIT, subject.tries));
  return { ...subject, tries: subject.tries + 1, read: { at, purpose: 'overdue' } };
}
