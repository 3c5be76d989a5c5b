import type { Script } from '../script';
import { ends, moves } from './steps';

/** Script as the catalogue writes it: well behaved and of one object, unless it says otherwise. */
type Course = Pick<Script, 'name' | 'title' | 'steps' | 'expected'> & Partial<Script>;

/** Scripts that share what they do not say themselves. */
export function scriptsOf(
  shared: Pick<Script, 'partner' | 'kind'> & Partial<Script>,
  courses: readonly Course[],
): readonly Script[] {
  return courses.map((course) => ({ misbehaviours: [], objects: 1, ...shared, ...course }));
}

/** Course of an object that takes the states in turn, each of them reported; the last one is its end. */
export function goes(
  name: string,
  title: string,
  states: readonly string[],
  differences: Partial<Script> = {},
): Course {
  const expected = ends(states.at(-1) ?? '', states.length);
  return { name, title, steps: moves(...states), expected, ...differences };
}
