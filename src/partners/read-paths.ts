import type { VariableReader } from '../codecs/environment';
import { firstCharacters } from '../domain/plain-text';
import { isReadPath, type ReadPaths } from './paths';

/** Variable that overrides the paths of a partner's reads. */
export interface PathsVariable {
  readonly name: string;
  /** Built-in paths: only objects among them can be overridden, by paths that hold `{id}` where these do. */
  readonly builtIn: ReadPaths;
}

/** Paths of reads by object, from JSON; undefined when unset. Every fault is complained about. */
export function readReadPaths(read: VariableReader, variable: PathsVariable): ReadPaths | undefined {
  const { name, builtIn } = variable;
  const expected = expectedOf(variable);
  const value = read.json(name, expected);
  if (value === undefined) return undefined;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    read.complain(name, expected, 'JSON of another kind');
    return undefined;
  }
  const found = new Map<string, readonly string[]>();
  for (const [object, given] of Object.entries(value)) {
    const paths = pathsOf(given, hasId(builtIn, object) ? 1 : 0);
    if (!Object.hasOwn(builtIn, object)) read.complain(name, expected, `"${firstCharacters(object, 40)}"`);
    else if (paths === null) read.complain(name, expected, `no usable paths for ${object}`);
    else found.set(object, paths);
  }
  return Object.fromEntries(found);
}

function expectedOf({ builtIn }: PathsVariable): string {
  const [[object, paths] = []] = Object.entries(builtIn);
  const example = JSON.stringify({ [object ?? '']: paths });
  const objects = Object.keys(builtIn);
  const withoutId = objects.filter((one) => !hasId(builtIn, one));
  const ids = ['{id} once in each', ...withoutId.map((one) => `none in those of ${one}`)].join(', ');
  return `JSON of objects, each with a list of paths such as ${example}, ${ids}; objects: ${objects.join(', ')}`;
}

function hasId(builtIn: ReadPaths, object: string): boolean {
  return Object.hasOwn(builtIn, object) && builtIn[object]?.some((path) => path.includes('{id}')) === true;
}

function pathsOf(value: unknown, ids: 0 | 1): readonly string[] | null {
  if (!Array.isArray(value) || value.length === 0) return null;
  const entries: readonly unknown[] = value;
  const paths = entries.filter((one) => typeof one === 'string').filter((one) => isReadPath(one, ids));
  return paths.length === entries.length ? paths : null;
}
