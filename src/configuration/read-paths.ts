import type { VariableReader } from '../environment';
import { DEFAULT_PATHS, isReadPath, type ReadPaths } from '../partners/tradevest/paths';

const EXPECTED =
  'JSON of objects, each with a list of paths such as {"strategy":["/strategies/{id}"]}, {id} once in each; ' +
  `objects: ${Object.keys(DEFAULT_PATHS).join(', ')}`;

function pathsOf(value: unknown): readonly string[] | null {
  if (!Array.isArray(value) || value.length === 0) return null;
  const entries: readonly unknown[] = value;
  const paths = entries.filter((one) => typeof one === 'string').filter(isReadPath);
  return paths.length === entries.length ? paths : null;
}

/** Paths of reads by object, from JSON; undefined when unset. Whatever is wrong is complained about. */
export function readReadPaths(read: VariableReader, name: string): ReadPaths | undefined {
  const value = read.json(name, EXPECTED);
  if (value === undefined) return undefined;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    read.complain(name, EXPECTED, 'JSON of another kind');
    return undefined;
  }
  const found = new Map<string, readonly string[]>();
  for (const [object, given] of Object.entries(value)) {
    const paths = pathsOf(given);
    if (!Object.hasOwn(DEFAULT_PATHS, object)) read.complain(name, EXPECTED, `"${object.slice(0, 40)}"`);
    else if (paths === null) read.complain(name, EXPECTED, `no usable paths for ${object}`);
    else found.set(object, paths);
  }
  return Object.fromEntries(found);
}
