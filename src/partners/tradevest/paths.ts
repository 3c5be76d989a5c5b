/** Ordered paths by object, the middle word of the workflow id; `{id}` stands for the id, the next path is asked on 404. */
export type ReadPaths = Readonly<Record<string, readonly string[]>>;

/**
 * Where each object is read (vendors.md §1.2). Newer paths come first. Those that are only assumed (MAPPING.md) are why
 * the table can be overridden. Orders are listed as for digital ones; traditional ones are asked in the other direction.
 */
export const DEFAULT_PATHS: ReadPaths = {
  order: ['/digital/orders/{id}', '/trading/order/{id}'],
  customer: ['/roles/customers/{id}'],
  'natural-person': ['/entities/natural-persons/{id}'],
  identification: ['/entities/identification-verifications/{id}'],
  onboarding: ['/roles/onboardings/{id}', '/entities/onboardings/{id}', '/user-onboardings/{id}', '/onboardings/{id}'],
  proxy: ['/roles/proxies/{id}'],
  'beneficial-owner': ['/entities/beneficial-owners/{id}'],
  product: ['/products/{id}'],
  user: ['/users/{id}'],
  offboarding: ['/roles/offboardings/{id}', '/entities/offboardings/{id}', '/offboardings/{id}'],
  transfer: ['/transfers/{id}'],
  document: ['/v2/documents/{id}', '/documents/{id}'],
  'partner-document': ['/partner-documents/{id}'],
  search: ['/entities/vendor/legal-entities/{id}'],
  strategy: ['/strategies/{id}'],
};

const PATH_PATTERN = /^\/[\x21-\x7e]*$/;

/** True for a path that a request can be made of: from the root, with the id once, without a fragment. */
export function isReadPath(path: string): boolean {
  return PATH_PATTERN.test(path) && !path.includes('#') && path.split('{id}').length === 2;
}

/** The paths to ask for an object, in their order, with its id in place. */
export function pathsFor(templates: readonly string[], id: string): readonly string[] {
  // A URL resolves dots away, also encoded ones: no path can name such an object, and another one would be read.
  if (id === '.' || id === '..') return [];
  return templates.map((template) => template.replace('{id}', () => encodeURIComponent(id)));
}
