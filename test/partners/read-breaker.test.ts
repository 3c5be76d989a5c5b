import type { PartnerClient } from '../../src/partners/client';
import { createReadBreaker, type ReadBreaker } from '../../src/partners/read-breaker';
import { ReadFailure, type ReadFailureCause } from '../../src/partners/reading';
import { object } from '../workflows/contents';

/** A partner that answers as the test says, and counts what it is asked. */
class Partner {
  asked = 0;
  answer: () => Promise<ReturnType<typeof object>> = () => Promise.resolve(object('FILLED'));
  readonly client: PartnerClient = {
    read: () => {
      this.asked += 1;
      return this.answer();
    },
    sweep: () => {
      this.asked += 1;
      return this.answer().then(() => ({ events: [] }));
    },
    confirmRecurrence: () => {
      this.asked += 1;
      return this.answer().then(() => 'confirmed' as const);
    },
  };
  fails(cause: ReadFailureCause): void {
    this.answer = () => Promise.reject(new ReadFailure(cause, 'as the test says'));
  }
}

/** Longer than an open circuit waits for its next probe. */
const LONG_MS = 120_000;

describe('the circuit breaker of a partner’s reads', () => {
  let partner: Partner;
  let opened: string[];
  let breaker: ReadBreaker;
  let client: PartnerClient;
  beforeEach(() => {
    jest.useFakeTimers({ now: Date.parse('2026-11-30T10:00:00Z') });
    partner = new Partner();
    opened = [];
    breaker = createReadBreaker('tradevest', (subject) => opened.push(subject));
    client = breaker.guard(partner.client);
  });
  afterEach(() => jest.useRealTimers());

  async function read(id: string): Promise<string> {
    const failure = await client
      .read({ partner: 'tradevest', object: 'order', id }, {})
      .catch((error: unknown) => error);
    return failure instanceof ReadFailure ? failure.failureCause : 'answered';
  }

  async function readMany(ids: readonly string[]): Promise<readonly string[]> {
    const causes: string[] = [];
    for (const id of ids) causes.push(await read(id));
    return causes;
  }

  const FIVE = ['a', 'b', 'c', 'd', 'e'];

  test.each(['timeout', 'refused connection', 'server-error'] as const)(
    'opens once five objects in a row failed with %s, and asks nothing while it is open',
    async (cause) => {
      partner.fails(cause);
      expect(await readMany([...FIVE, 'f', 'g'])).toEqual([...FIVE.map(() => cause), 'circuit open', 'circuit open']);
      expect(partner.asked).toBe(5);
      expect(breaker.state()).toBe('open');
      expect(opened).toEqual(['tradevest:order:e']);
    },
  );

  test('stays closed for one object that fails again and again', async () => {
    partner.fails('server-error');
    await readMany(Array.from({ length: 20 }, () => 'a'));
    expect([breaker.state(), partner.asked]).toEqual(['closed', 20]);
  });

  test.each(['forbidden', 'undecodable', 'rate-limited', 'unauthorised'] as const)(
    'takes %s for an answer: the partner is there',
    async (cause) => {
      partner.fails('timeout');
      await readMany(FIVE.slice(1));
      partner.fails(cause);
      await read('x');
      partner.fails('timeout');
      await readMany(FIVE.slice(1));
      expect(breaker.state()).toBe('closed');
    },
  );

  test('lets one probe through after a while; one that fails keeps it open, without opening it anew', async () => {
    partner.fails('timeout');
    await readMany(FIVE);
    jest.advanceTimersByTime(LONG_MS);
    expect(await readMany(['f', 'g', 'h'])).toEqual(['timeout', 'circuit open', 'circuit open']);
    expect([partner.asked, opened.length]).toEqual([6, 1]);
  });

  test('lets nothing pass beside a probe that hangs', async () => {
    partner.fails('timeout');
    await readMany(FIVE);
    jest.advanceTimersByTime(LONG_MS);
    let answer = (): void => undefined;
    partner.answer = () => new Promise((resolve) => (answer = () => resolve(object('FILLED'))));
    const probe = read('f');
    expect(breaker.state()).toBe('half-open');
    expect(await readMany(['g', 'h'])).toEqual(['circuit open', 'circuit open']);
    answer();
    expect(await probe).toBe('answered');
    expect(breaker.state()).toBe('closed');
  });

  test('closes by any answer of a probe, and opens anew for the next outage', async () => {
    partner.fails('timeout');
    await readMany(FIVE);
    jest.advanceTimersByTime(LONG_MS);
    partner.fails('forbidden');
    expect(await read('f')).toBe('forbidden');
    expect(breaker.state()).toBe('closed');
    partner.fails('timeout');
    await readMany(FIVE);
    expect([breaker.state(), opened.length]).toEqual(['open', 2]);
  });

  test('holds sweeps up as well, and no confirmation', async () => {
    partner.fails('timeout');
    await readMany(FIVE);
    const swept = client.sweep?.({ from: '', to: '' });
    await expect(swept).rejects.toMatchObject({ failureCause: 'circuit open' });
    partner.answer = () => Promise.resolve(object('FILLED'));
    expect(await client.confirmRecurrence?.('r1', null)).toBe('confirmed');
    expect(breaker.state()).toBe('open');
  });
});
