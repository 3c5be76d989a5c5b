/** Ordered paths by object, the middle word of the workflow id; `{id}` stands for the id, the next path is asked on 404. */
export type ReadPaths = Readonly<Record<string, readonly string[]>>;

const PATH_PATTERN = /^\/[\x21-\x7e]*$/;

/** True for a path that a request can be made of: from the root, without a fragment, with the id so many times. */
export function isReadPath(path: string, ids: 0 | 1): boolean {
  return PATH_PATTERN.test(path) && !path.includes('#') && path.split('{id}').length === ids + 1;
}

/** The paths to ask for an object, in their order, with its id in place. */
export function pathsFor(templates: readonly string[], id: string): readonly string[] {
  // A URL resolves dots away, also encoded ones: no path can name such an object, and another one would be read.
  if (id === '.' || id === '..') return [];
  return templates.map((template) => template.replace('{id}', () => encodeURIComponent(id)));
}
