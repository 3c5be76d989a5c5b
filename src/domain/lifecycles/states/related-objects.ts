import type { Partner } from '../../partner';
import type { Subject } from '../../subject';
import type { SubjectKey } from '../../subject-key';
import type { LifecycleTable, StateRule } from '../table';

/** The key of a related object, which is named as `<object>:<id>`. */
export function relatedKey(partner: Partner, name: string): SubjectKey {
  const [object = '', ...id] = name.split(':');
  return { partner, object, id: id.join(':') };
}

/** The related objects that keep a subject from ending in its state: unfinished, undecided or unread, as the state's rule asks. */
export function stillOwed(table: LifecycleTable, rule: StateRule, subject: Subject): readonly string[] {
  const related = Object.entries(subject.named ?? {});
  const namesOf = (isOwed: (name: string, state: string | null) => boolean): readonly string[] =>
    related.flatMap(([name, state]) => (isOwed(name, state) ? [name] : []));
  switch (rule.ends) {
    case 'when those named have ended':
      return namesOf((name, state) => !hasEnded(table, name, state));
    case 'when those named are read':
      return namesOf((_name, state) => state === null);
    case 'when judged':
      return namesOf((name, state) => !isDocument(name) && isUndecided(table, name, state));
    default:
      return [];
  }
}

/** True when an object related to a subject of this table has reached an end of its own; one that merely rests has not. */
export function hasEnded(table: LifecycleTable, name: string, state: string | null): boolean {
  return ruleOf(table, name, state)?.ends !== undefined;
}

/** True while nothing can be concluded from a related object: it is unknown, or still under way. */
function isUndecided(table: LifecycleTable, name: string, state: string | null): boolean {
  const rule = ruleOf(table, name, state);
  return rule === undefined || (rule.ends === undefined && rule.rests !== true);
}

function ruleOf({ names = [] }: LifecycleTable, name: string, state: string | null): StateRule | undefined {
  const [object] = name.split(':');
  return state === null ? undefined : names.find((table) => table.object === object)?.states[state];
}

/** Documents say nothing of a rejected onboarding, and may stay in any state: persons and their roles decide it. */
function isDocument(name: string): boolean {
  return name.startsWith('document:');
}

/**
 * The meaning of a rejection (vendors.md §1.4): critical when a person or role was rejected as well, fixable when all
 * went back to CREATED and a new onboarding may be started; unknown where there is none.
 */
export function rejectionOf(subject: Subject): 'fixable' | 'critical' | 'unknown' {
  const related = Object.entries(subject.named ?? {}).filter(([name]) => !isDocument(name));
  if (related.length === 0) return 'unknown';
  return related.some(([, state]) => state === 'REJECTED') ? 'critical' : 'fixable';
}
