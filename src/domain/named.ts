import type { StateRule } from './lifecycle';
import { lifecycleTableOf } from './lifecycles';
import type { Partner, SubjectKey } from './notification';
import type { Subject } from './subject';

/** The key of an object that another one names as `<object>:<id>`. */
export function namedKey(partner: Partner, word: string): SubjectKey {
  const [object = '', ...id] = word.split(':');
  return { partner, object, id: id.join(':') };
}

function ruleOf(partner: Partner, word: string, state: string | null): StateRule | undefined {
  return state === null ? undefined : lifecycleTableOf(partner, namedKey(partner, word).object)?.states[state];
}

/** True when an object that is named has reached an end of its own; one that merely rests has not. */
export function hasEnded(partner: Partner, word: string, state: string | null): boolean {
  return ruleOf(partner, word, state)?.ends !== undefined;
}

/** True while nothing can be concluded from a named object: it is unknown, or still under way. */
function isUndecided(partner: Partner, word: string, state: string | null): boolean {
  const rule = ruleOf(partner, word, state);
  return rule === undefined || (rule.ends === undefined && rule.rests !== true);
}

/** Papers may stay where they are: what became of a rejected onboarding is told by the people and roles. */
const PAPERS = 'document:';

/** The objects that keep a subject from ending in its state: unfinished, undecided or unread, as the state's rule asks. */
export function stillOwed(rule: StateRule, subject: Subject): readonly string[] {
  const named = Object.entries(subject.named ?? {});
  const words = (owes: (word: string, state: string | null) => boolean): readonly string[] =>
    named.flatMap(([word, state]) => (owes(word, state) ? [word] : []));
  switch (rule.ends) {
    case 'when those named have ended':
      return words((word, state) => !hasEnded(subject.partner, word, state));
    case 'when those named are read':
      return words((_word, state) => state === null);
    case 'when judged':
      return words((word, state) => !word.startsWith(PAPERS) && isUndecided(subject.partner, word, state));
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
