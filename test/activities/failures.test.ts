import { readFailure, storeFailure } from '../../activities/failures';
import { ReadFailure, type ReadFailureCause } from '../../src/partners/reading';

/** Written by hand: which causes are worth another try. */
const RETRIED: readonly (readonly [ReadFailureCause, boolean])[] = [
  ['timeout', true],
  ['refused connection', true],
  ['rate-limited', true],
  ['server-error', true],
  ['unauthorised', true],
  ['forbidden', false],
  ['owner unknown', false],
  ['undecodable', false],
  ['unexpected-status', false],
];

describe('what leaves a read', () => {
  test.each(RETRIED)('%s is the failure’s type; tried again: %s', (cause, retried) => {
    const failure = readFailure(new ReadFailure(cause, 'the order'), false);
    expect(failure).toMatchObject({ type: cause, nonRetryable: !retried });
    expect(failure.message).toMatch(/: the order$/);
  });

  test('on the last try nothing is tried again, whatever the cause', () => {
    for (const [cause] of RETRIED) expect(readFailure(new ReadFailure(cause, ''), true).nonRetryable).toBe(true);
    expect(readFailure(new Error('unforeseen'), true).nonRetryable).toBe(true);
  });

  test('a partner that asks us to wait is given that time, and at most a minute', () => {
    const waitFor = (retryAfterMs: number | null) =>
      readFailure(new ReadFailure('rate-limited', '', retryAfterMs), false).nextRetryDelay;
    expect([7_000, 86_400_000, null].map(waitFor)).toEqual([7_000, 60_000, undefined]);
  });

  test('what nobody foresaw is told without its text, which may hold anything', () => {
    expect(readFailure(new Error('Bearer abc of Erika'), false).message).not.toMatch(/abc|Erika/);
  });
});

test('our own database failing is always tried again, and told without the statement', () => {
  const failure = storeFailure(new Error('duplicate key: Erika'));
  expect(failure).toMatchObject({ type: 'store', nonRetryable: false });
  expect(failure.message).not.toContain('Erika');
});
