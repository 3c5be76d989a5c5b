import { Registry } from 'prom-client';

import type { PartnerBalance } from '../../src/store/stats/balance';
import { createCached } from '../../src/telemetry/cached';
import { createStoreMetrics, type Sources } from '../../src/telemetry/store-metrics';
import { eventually } from '../support/eventually';
import { samplesOf, valueOf } from './exposition';

function never<T>(): Promise<T> {
  return new Promise<T>(() => undefined);
}

const NOTHING = {
  oldestPendingSeconds: [],
  stuckDeliveries: [],
  parkedDeliveries: [],
  openFlows: [],
  overdueFlows: [],
  openBreaks: [],
  openObligations: [],
  alerts: [],
  unsentAlerts: [],
};

function balanceOf(balanced: boolean, openWithoutFlow: number | null): PartnerBalance {
  const terms = { received: 7, pending: 7, duplicate: 0, parked: 0, delivered: 0, open: 0, applied: 0, repeated: 0 };
  return {
    partner: 'coinify',
    ...{ ...terms, late: 0, illegal: 0, abandoned: 0, rejected: 0, recovered: 0 },
    openWithoutFlow,
    balanced,
  };
}

async function scrape(sources: Partial<Sources>): Promise<string> {
  const registry = new Registry();
  createStoreMetrics(registry, {
    balance: () => Promise.resolve([]),
    gauges: () => Promise.resolve(NOTHING),
    outbox: () => Promise.resolve([]),
    pollers: () => Promise.resolve([]),
    partners: ['tradevest', 'coinify'],
    ...sources,
  });
  return registry.metrics();
}

describe('gauges of the whole', () => {
  test('a source that hangs makes no scrape hang: what it would show is missing, everything else is there', async () => {
    const text = await scrape({ balance: never, pollers: never });
    expect(valueOf(text, 'partnerflow_store_readable', { part: 'balance' })).toBe(0);
    expect(valueOf(text, 'partnerflow_store_readable', { part: 'standing' })).toBe(1);
    expect(valueOf(text, 'partnerflow_temporal_reachable')).toBe(0);
    expect(valueOf(text, 'partnerflow_open_flows', { partner: 'coinify', lifecycle: 'transfer' })).toBe(0);
    expect(samplesOf(text).filter(({ name }) => /^partnerflow_(balance|task_queue)/.test(name))).toEqual([]);
  });

  test('a source that fails is said to be unreadable, without a word of why', async () => {
    const text = await scrape({ gauges: () => Promise.reject(new Error('secret address')) });
    expect(valueOf(text, 'partnerflow_store_readable', { part: 'standing' })).toBe(0);
    expect(text).not.toContain('secret');
  });

  test('the balance of a partner, whether it holds, and flows that nobody could be asked about', async () => {
    const whole = await scrape({ balance: () => Promise.resolve([balanceOf(true, null)]) });
    expect(valueOf(whole, 'partnerflow_balance_pending', { partner: 'coinify' })).toBe(7);
    expect(valueOf(whole, 'partnerflow_balanced', { partner: 'coinify' })).toBe(1);
    expect(valueOf(whole, 'partnerflow_balance_open_without_flow', { partner: 'coinify' })).toBeUndefined();
    const broken = await scrape({ balance: () => Promise.resolve([balanceOf(false, 2)]) });
    expect(valueOf(broken, 'partnerflow_balanced', { partner: 'coinify' })).toBe(0);
    expect(valueOf(broken, 'partnerflow_balance_open_without_flow', { partner: 'coinify' })).toBe(2);
  });

  test('a finding that nobody listed is counted as another, so that no row can add a label', async () => {
    const alerts = [
      { partner: 'tradevest', kind: 'Jane Doe', count: 3 },
      { partner: 'tradevest', kind: 'parked', count: 1 },
    ] as const;
    const text = await scrape({ gauges: () => Promise.resolve({ ...NOTHING, alerts }) });
    expect(valueOf(text, 'partnerflow_alerts_raised', { partner: 'tradevest', finding: 'other' })).toBe(3);
    expect(valueOf(text, 'partnerflow_alerts_raised', { partner: 'tradevest', finding: 'parked' })).toBe(1);
    expect(text).not.toContain('Jane');
  });
});

describe('the outbox', () => {
  const messages = (text: string, target: string, state: string) =>
    valueOf(text, 'partnerflow_outbox_messages', { target, state });
  const oldest = (text: string, target: string) =>
    valueOf(text, 'partnerflow_outbox_oldest_waiting_age_seconds', { target });

  test('is counted by target and state; what was given up long ago makes nothing that waits old', async () => {
    const text = await scrape({
      outbox: () =>
        Promise.resolve([
          { target: 'outcomes', state: 'waiting', count: 3, oldestSeconds: 90 },
          { target: 'outcomes', state: 'dead', count: 2, oldestSeconds: 9_000 },
          { target: 'alerts', state: 'dead', count: 1, oldestSeconds: 8_000 },
        ]),
    });
    expect([messages(text, 'outcomes', 'waiting'), messages(text, 'outcomes', 'dead')]).toEqual([3, 2]);
    expect([messages(text, 'alerts', 'waiting'), messages(text, 'alerts', 'dead')]).toEqual([0, 1]);
    expect([oldest(text, 'outcomes'), oldest(text, 'alerts')]).toEqual([90, 0]);
  });

  test('that cannot be read is missing, and said to be unreadable', async () => {
    const text = await scrape({ outbox: () => Promise.reject(new Error('away')) });
    expect(valueOf(text, 'partnerflow_store_readable', { part: 'outbox' })).toBe(0);
    expect(valueOf(text, 'partnerflow_store_readable', { part: 'standing' })).toBe(1);
    expect(samplesOf(text).filter(({ name }) => name.startsWith('partnerflow_outbox'))).toEqual([]);
  });
});

describe('what is read for a scrape', () => {
  test('is read once for all who ask at the same time, and not again while it is fresh', async () => {
    let reads = 0;
    const cached = createCached(() => Promise.resolve((reads += 1)), {
      freshMs: 60_000,
      waitMs: 5_000,
      lastsMs: 60_000,
    });
    expect(await Promise.all([cached(), cached(), cached()])).toEqual([1, 1, 1]);
    expect(await cached()).toBe(1);
  });

  test('is not shown any more once a reading failed, and is again after the next that succeeds', async () => {
    const answers: readonly (() => Promise<string>)[] = [
      () => Promise.resolve('first'),
      () => Promise.reject(new Error('away')),
      () => Promise.resolve('third'),
    ];
    let reads = 0;
    const cached = createCached(() => answers[Math.min(reads++, 2)]?.() ?? never<string>(), {
      freshMs: 0,
      waitMs: 5_000,
      lastsMs: 60_000,
    });
    const seen = new Set<string | null>();
    await eventually(async () => {
      seen.add(await cached());
      expect([...seen]).toEqual(['first', null, 'third']);
    });
  });

  test('is not read again for each gauge of a scrape while reading fails, and ever more seldom', async () => {
    let reads = 0;
    const source = (): Promise<never> => {
      reads += 1;
      return Promise.reject(new Error('statement timeout'));
    };
    const cached = createCached(source, { freshMs: 0, waitMs: 1_000, lastsMs: 1_000 });
    for (let asked = 0; asked < 200; asked += 1) expect(await cached()).toBeNull();
    expect(reads).toBe(1);
    await eventually(async () => {
      await cached();
      expect(reads).toBe(2);
    });
  });

  test('is not shown for ever while a newer one hangs', async () => {
    let reads = 0;
    const cached = createCached(() => (reads++ === 0 ? Promise.resolve('old') : never<string>()), {
      freshMs: 0,
      waitMs: 10,
      lastsMs: 300,
    });
    expect(await cached()).toBe('old');
    await eventually(async () => expect(await cached()).toBeNull());
  });
});
