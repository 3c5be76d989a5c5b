import type { ReadPaths } from '../paths';

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
