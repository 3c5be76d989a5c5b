import type { RecordedContent, SubjectKey } from './notification';
import type { Subject } from './subject';

/** A subject after which nothing is owed: its newest notification is all that is known, and no workflow follows it. */
export function recordedSubject(key: SubjectKey, content: RecordedContent, receivedAt: string): Subject {
  return {
    ...key,
    lifecycle: 'recorded',
    state: content.status,
    stateBy: 'partner',
    statesSeen: [],
    since: receivedAt,
    waitingFor: [],
    dueAt: null,
    read: null,
    step: 0,
    tries: 0,
    overdue: false,
    finding: null,
    findings: [],
    filled: false,
    corrected: false,
    quantityRead: null,
    executions: [],
    reason: null,
    readHints: {},
    facts: content.facts,
    end: null,
    closedForGood: false,
  };
}
