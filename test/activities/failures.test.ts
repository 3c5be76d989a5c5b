import { DatabaseError } from 'pg';

import { CAUSES, readFailure, storeFailure } from '../../activities/failures';
import { ReadFailure, type ReadFailureCause } from '../../src/partners/reading';

/** Written by hand: which causes may be gone at the next try. */
const RETRIED: Readonly<Record<ReadFailureCause, boolean>> = {
  timeout: true,
  'refused connection': true,
  'rate-limited': true,
  'server-error': true,
  'circuit open': false,
  unauthorised: true,
  forbidden: false,
  'owner unknown': false,
  undecodable: false,
  'unexpected-status': false,
};

describe('what leaves a read that failed', () => {
  test.each(Object.entries(RETRIED))('%s: tried again is %s', (cause, retried) => {
    const named = Object.entries(CAUSES).find(([known]) => known === cause);
    expect(named?.[1].retry).toBe(retried);
  });

  test.each([
    ['timeout', false],
    ['forbidden', true],
  ] as const)('%s carries the cause as its type, and a sentence', (cause, nonRetryable) => {
    const failure = readFailure(new ReadFailure(cause, 'the order answered so'), false);
    expect(failure).toMatchObject({ type: cause, nonRetryable });
    expect(failure.message).toBe(`${CAUSES[cause].meaning}: the order answered so`);
  });

  test('of a partner that is away, it says by how much of its wait the flow is to come later; all others say nothing', () => {
    const detailsOf = (cause: ReadFailureCause) => readFailure(new ReadFailure(cause, ''), true).details;
    const given = ['timeout', 'refused connection', 'server-error', 'circuit open'] as const;
    for (const cause of given) expect(detailsOf(cause)).toEqual([{ spread: expect.any(Number) }]);
    expect(detailsOf('forbidden')).toEqual([]);
  });

  test('the last try is not followed by another, whatever the cause', () => {
    expect(readFailure(new ReadFailure('timeout', ''), true).nonRetryable).toBe(true);
    expect(readFailure(new Error(''), true).nonRetryable).toBe(true);
  });

  test('the partner’s Retry-After is waited for, but never longer than a minute', () => {
    const waits = (retryAfterMs: number | null) =>
      readFailure(new ReadFailure('rate-limited', '', retryAfterMs), false).nextRetryDelay;
    expect([waits(7_000), waits(3_600_000), waits(null)]).toEqual([7_000, 60_000, undefined]);
  });

  test('an error nobody foresaw says nothing of what it held', () => {
    const failure = readFailure(new Error('Erika Mustermann, Bearer abc'), false);
    expect(failure).toMatchObject({ type: 'unknown', message: 'the read failed', nonRetryable: false });
    expect(failure.cause).toBeUndefined();
  });

  test('our own database failing is never the partner’s fault, is always tried again, and repeats no value', () => {
    const failure = storeFailure(new Error('duplicate key (name)=(Erika Mustermann)'));
    expect(failure).toMatchObject({ type: 'store', nonRetryable: false });
    expect(failure.message).not.toContain('Erika');
  });

  test.each(['22P02', '22008', '22003', '23514', '54000'])('what it refuses with %s is never tried again', (code) => {
    const refused = new DatabaseError('invalid (name)=(Erika Mustermann)', 1, 'error');
    refused.code = code;
    const failure = storeFailure(refused);
    expect(failure).toMatchObject({ type: 'refused-write', nonRetryable: true });
    expect(failure.message).toContain(code);
    expect(failure.message).not.toContain('Erika');
  });

  test.each(['08006', '28P01', '40001', '40P01', '42P01', '53300', '55P03', '57014', '57P01', 'XX000'])(
    'what it fails with %s is tried again: it concerns the server, or the moment',
    (code) => {
      const away = new DatabaseError('failed', 1, 'error');
      away.code = code;
      expect(storeFailure(away)).toMatchObject({ type: 'store', nonRetryable: false });
    },
  );
});
