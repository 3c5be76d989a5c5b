import type { LifecycleTable, StateRule } from '../table';
import type { Partner } from '../../partner';
import type { SubjectKey } from '../../subject-key';
import type { Subject } from '../../subject';

/** The key of an object that another one names as `<object>:<id>`. */
export function relatedKey(partner: Partner, word: string): SubjectKey {
  const [object = '', ...id] = word.split(':');
  return { partner, object, id: id.join(':') };
}

function ruleOf({ names = [] }: LifecycleTable, word: string, state: string | null): StateRule | undefined {
  const [object] = word.split(':');
  return state === null ? undefined : names.find((table) => table.object === object)?.states[state];
}

/** True when an object that a subject of this table names has reached an end of its own; one that merely rests has not. */
export function hasEnded(table: LifecycleTable, word: string, state: string | null): boolean {
  return ruleOf(table, word, state)?.ends !== undefined;
}

/** True while nothing can be concluded from a named object: it is unknown, or still under way. */
function isUndecided(table: LifecycleTable, word: string, state: string | null): boolean {
  const rule = ruleOf(table, word, state);
  return rule === undefined || (rule.ends === undefined && rule.rests !== true);
}

/** Papers may stay where they are: what became of a rejected onboarding is told by the people and roles. */
const PAPERS = 'document:';

/** The objects that keep a subject from ending in its state: unfinished, undecided or unread, as the state's rule asks. */
export function stillOwed(table: LifecycleTable, rule: StateRule, subject: Subject): readonly string[] {
  const named = Object.entries(subject.named ?? {});
  const words = (owes: (word: string, state: string | null) => boolean): readonly string[] =>
    named.flatMap(([word, state]) => (owes(word, state) ? [word] : []));
  switch (rule.ends) {
    case 'when those named have ended':
      return words((word, state) => !hasEnded(table, word, state));
    case 'when those named are read':
      return words((_word, state) => state === null);
    case 'when judged':
      return words((word, state) => !word.startsWith(PAPERS) && isUndecided(table, word, state));
    default:
      return [];
  }
}

/**
 * How a rejection is meant (vendors.md §1.4): critical when what it names was rejected as well, fixable when all went
 * back to CREATED and a new onboarding may be started; unknown where it names nothing.
 */
export function judge(subject: Subject): 'fixable' | 'critical' | 'unknown' {
  const roles = Object.entries(subject.named ?? {}).filter(([word]) => !word.startsWith(PAPERS));
  if (roles.length === 0) return 'unknown';
  return roles.some(([, state]) => state === 'REJECTED') ? 'critical' : 'fixable';
}
