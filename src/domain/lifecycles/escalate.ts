import { backOffMs } from '../back-off';
import { later } from '../moments';
import type { Reading } from '../reading';
import type { FindingKind, Subject } from '../subject';
import { type Change, changed, note, type Rules } from './rules';

/** One step up the ladder: the finding is noted, alerted where the step says so, and the next read is planned. */
export function escalate(
  rules: Rules,
  subject: Subject,
  finding: FindingKind,
  found: string | null,
  now: string,
): Change {
  const next: Subject = {
    ...note(rules, subject, finding, found, now),
    overdue: true,
    step: subject.step + 1,
    tries: 0,
    read: { at: later(now, stepWaitMs(rules, subject.step)), purpose: 'overdue' },
  };
  return changed(next, isAlertStep(rules, subject.step) ? [finding] : []);
}

/**
 * The finding that a reading is when it did not bring what was owed; `hasMoved`: the object has another state than the
 * known one.
 */
export function findingOf(
  reading: Reading,
  hasMoved: boolean,
): { readonly finding: FindingKind; readonly found: string | null } {
  switch (reading.kind) {
    case 'absent':
      return { finding: 'absent', found: null };
    case 'unreachable':
      return { finding: 'unreachable', found: reading.cause };
    case 'object':
      return { finding: hasMoved ? 'contradiction' : 'slow', found: reading.status };
  }
}

/** The time an overdue subject stays on a step of the ladder. */
export function stepWaitMs({ policy }: Rules, step: number): number {
  return policy.ladder[step]?.waitMs ?? policy.thenEveryMs;
}

/** True for a step of the ladder on which people are alerted. */
export function isAlertStep({ policy }: Rules, step: number): boolean {
  return policy.ladder[step]?.alert === true;
}

/** Not policy: it says how fast our own dispatch catches up. */
const BACKLOG_WAIT = { firstMs: 2_000, longestMs: 60_000 };

/** The subject that is read again soon, and ever less often, because deliveries of ours still wait for dispatch. */
export function waitForBacklog(subject: Subject, now: string): Subject {
  const at = later(now, backOffMs(BACKLOG_WAIT, subject.tries));
  return { ...subject, tries: subject.tries + 1, read: { at, purpose: 'overdue' } };
}
