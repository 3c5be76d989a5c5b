import type { RecordedContent } from './notification';
import type { SubjectKey } from './subject-key';
import { blankSubject, type Subject } from './subject';

/** A subject after which nothing is owed: its newest notification is all that is known, and no workflow follows it. */
export function recordedSubject(key: SubjectKey, content: RecordedContent, receivedAt: string): Subject {
  const { status: state, facts } = content;
  return { ...blankSubject(key, 'recorded', receivedAt), state, stateBy: 'partner', facts };
}
