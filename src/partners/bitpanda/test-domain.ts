/** Words that tell a domain of tests; only `b2b2c_qa` is printed, beside `b2b2c` (vendors.md §3.3). */
const TEST_WORDS = /(?:^|[^a-z0-9])(?:qa|test|testing|sandbox|staging|stage|dev|uat|demo)(?:$|[^a-z0-9])/i;

/** True for a `domain_slug` of a test domain: nothing that it says is money. */
export function isTestDomain(slug: string): boolean {
  return TEST_WORDS.test(slug);
}
