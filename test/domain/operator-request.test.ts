import { LONGEST_EXTENSION_SECONDS, problemOfRequest } from '../../src/domain/operator-request';
import { isPolicy } from '../../src/domain/policy-shape';
import { createPolicies, DEFAULT_POLICY_SETTINGS } from '../../src/config/policy';
import { lifecycleTables } from '../support/partners';

const asked = { by: 'alice', reason: 'the partner said so' };

describe('what an operator asks of a flow', () => {
  it.each([
    ['refetch', asked],
    ['refetch', { ...asked, reason: 'first line\nsecond line' }],
    ['refetch', { ...asked, reason: '🦆'.repeat(500) }],
    ['extend', { ...asked, seconds: 0.5 }],
    ['extend', { ...asked, seconds: LONGEST_EXTENSION_SECONDS }],
    ['resolve', { ...asked, result: 'done' }],
    ['resolve', { ...asked, result: 'failed' }],
    ['rewrite', asked],
  ] as const)('is taken: %s %j', (kind, request) => {
    expect(problemOfRequest(kind, request)).toBeNull();
  });

  it.each([
    ['refetch', undefined, 'request', 'nothing'],
    ['refetch', null, 'request', 'null'],
    ['refetch', 'please', 'request', 'a text of 6 characters'],
    ['refetch', [asked], 'request', 'a list'],
    ['refetch', {}, 'by', 'nothing'],
    ['refetch', { reason: 'typed into the Web UI' }, 'by', 'nothing'],
    ['refetch', { by: ' ', reason: 'x' }, 'by', 'a text of 1 characters'],
    ['refetch', { by: 'a\nb', reason: 'x' }, 'by', 'a text of 3 characters'],
    ['refetch', { by: 7, reason: 'x' }, 'by', '7'],
    ['refetch', { by: 'alice' }, 'reason', 'nothing'],
    ['refetch', { ...asked, reason: '  ' }, 'reason', 'a text of 2 characters'],
    ['refetch', { ...asked, reason: 'x'.repeat(501) }, 'reason', 'a text of 501 characters'],
    ['refetch', { ...asked, reason: 'a\u0000b' }, 'reason', 'a text of 3 characters'],
    ['refetch', { ...asked, reason: 'half a pair: \ud83e' }, 'reason', 'a text of 14 characters'],
    ['refetch', { by: 'a\udd86', reason: 'x' }, 'by', 'a text of 2 characters'],
    ['refetch', { ...asked, reason: {} }, 'reason', 'a object'],
    ['refetch', { ...asked, seconds: 60 }, 'seconds', 'an unknown name'],
    ['extend', asked, 'seconds', 'nothing'],
    ['extend', { ...asked, seconds: 0 }, 'seconds', '0'],
    ['extend', { ...asked, seconds: -1 }, 'seconds', '-1'],
    ['extend', { ...asked, seconds: Number.NaN }, 'seconds', 'NaN'],
    ['extend', { ...asked, seconds: Number.POSITIVE_INFINITY }, 'seconds', 'Infinity'],
    ['extend', { ...asked, seconds: '60' }, 'seconds', 'a text of 2 characters'],
    ['extend', { ...asked, seconds: LONGEST_EXTENSION_SECONDS + 1 }, 'seconds', '31622401'],
    ['resolve', asked, 'result', 'nothing'],
    ['resolve', { ...asked, result: 'maybe' }, 'result', 'a text of 5 characters'],
  ] as const)('is refused: %s %j, naming %s', (kind, request, path, found) => {
    expect(problemOfRequest(kind, request)).toMatchObject({ path, found });
  });
});

describe('a policy that comes by an Update', () => {
  const policies = createPolicies(DEFAULT_POLICY_SETTINGS, 1);
  const all = lifecycleTables.map((table) => policies.policyOf(table));
  const [good] = all;

  it('is taken where it is what a flow waits by, for every kind of subject', () => {
    expect(all.map(isPolicy)).toEqual(all.map(() => true));
  });

  it.each([
    null,
    'strict',
    [],
    {},
    { ...good, ladder: [] },
    { ...good, ladder: [{ alert: 'yes', waitMs: 1 }] },
    { ...good, firstDue: {} },
    { ...good, firstDue: { ms: 'soon' } },
    { ...good, dueByState: { FILLED: { ms: Number.NaN } } },
    { ...good, thenEveryMs: -1 },
    { ...good, agreementWaitsMs: 5 },
    { ...good, holidays: [1] },
    { ...good, scale: 0 },
  ])('is refused where a flow could not wait by it: %j', (policy) => {
    expect(isPolicy(policy)).toBe(false);
  });
});
