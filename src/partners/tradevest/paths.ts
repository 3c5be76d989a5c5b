import type { ReadPaths } from '../paths';

/**
 * Paths that read each object (vendors.md §1.2). Newer paths come first. Some are only assumed (MAPPING.md), so the
 * table can be overridden. The paths of orders are in the order for digital ones; for a traditional order they are
 * tried in reverse.
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
  'savings-plan': ['/savings-plans/{id}'],
  missed: ['/webhooks-missing'],
};
