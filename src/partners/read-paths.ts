import type { VariableReader } from '../codecs/environment';
import { isReadPath, type ReadPaths } from './paths';

/** Variable that overrides the paths of a partner's reads. */
export interface PathsVariable {
  readonly name: string;
  /** Built-in paths: only objects among them can be overridden. */
  readonly builtIn: ReadPaths;
  /** Number of times each path holds `{id}`. */
  readonly ids: 0 | 1;
}

/** Paths of reads by object, from JSON; undefined when unset. Every fault is complained about. */
export function readReadPaths(read: VariableReader, variable: PathsVariable): ReadPaths | undefined {
  const { name, builtIn, ids } = variable;
  const expected = expectedOf(variable);
  const value = read.json(name, expected);
  if (value === undefined) return undefined;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    read.complain(name, expected, 'JSON of another kind');
    return undefined;
  }
  const found = new Map<string, readonly string[]>();
  for (const [object, given] of Object.entries(value)) {
    const paths = pathsOf(given, ids);
    if (!Object.hasOwn(builtIn, object)) read.complain(name, expected, `"${object.slice(0, 40)}"`);
    else if (paths === null) read.complain(name, expected, `no usable paths for ${object}`);
    else found.set(object, paths);
  }
  return Object.fromEntries(found);
}

function expectedOf({ builtIn, ids }: PathsVariable): string {
  const [[object, paths] = []] = Object.entries(builtIn);
  const example = JSON.stringify({ [object ?? '']: paths });
  return `JSON of objects, each with a list of paths such as ${example}, ${
    ids === 1 ? '{id} once in each' : 'without {id}'
  }; objects: ${Object.keys(builtIn).join(', ')}`;
}

function pathsOf(value: unknown, ids: 0 | 1): readonly string[] | null {
  if (!Array.isArray(value) || value.length === 0) return null;
  const entries: readonly unknown[] = value;
  const paths = entries.filter((one) => typeof one === 'string').filter((one) => isReadPath(one, ids));
  return paths.length === entries.length ? paths : null;
}
