import { coinifyTrade } from '../../src/domain/lifecycles/coinify-trade';
import { tradevestOrder } from '../../src/domain/lifecycles/tradevest-order';
import type { Reading } from '../../src/domain/reading';
import type { FindingKind, Outcome } from '../../src/domain/subject';
import { type Arrival, HOUR_MS, objectRead, rulesOf, runSubject } from './run-subject';

const DAY_MS = 24 * HOUR_MS;
const order = rulesOf(tradevestOrder);
const trade = rulesOf(coinifyTrade);

interface Scenario {
  readonly title: string;
  readonly rules?: typeof order;
  readonly arrivals: readonly Arrival[];
  /** What a read gives at a time, by hours; the last entry at or before it counts. */
  readonly truth: readonly (readonly [fromHours: number, reading: Reading])[];
  readonly untilHours: number;
  readonly outcomes: readonly Outcome[];
  readonly state: string | null;
  readonly end: 'partner' | 'read' | null;
  readonly waitingFor?: readonly string[];
  readonly findings: readonly FindingKind[];
  readonly overdue?: boolean;
  readonly finding?: FindingKind | null;
  readonly recovered?: number;
  readonly alerts?: readonly FindingKind[];
}

function hours(...statuses: readonly (readonly [number, string | null])[]): Arrival[] {
  return statuses.map(([at, status]) => ({ atMs: at * HOUR_MS, status }));
}

const scenarios: readonly Scenario[] = [
  {
    title: 'a traditional order that is placed, filled and settled ends on the partner’s word once a read agrees',
    arrivals: hours([0, 'PLACED'], [1, 'FILLED'], [48, 'SETTLED']),
    truth: [
      [0, objectRead('PLACED')],
      [1, objectRead('FILLED', true)],
      [48, objectRead('SETTLED', true)],
    ],
    untilHours: 72,
    outcomes: ['applied', 'applied', 'applied'],
    state: 'SETTLED',
    end: 'partner',
    findings: [],
  },
  {
    title: 'two byte-identical partial fills are not duplicates: the second says read again',
    arrivals: hours([0, 'PLACED'], [1, 'PARTIALLY_FILLED'], [2, 'PARTIALLY_FILLED']),
    truth: [
      [0, objectRead('PLACED')],
      [1, objectRead('PARTIALLY_FILLED', true)],
    ],
    untilHours: 3,
    outcomes: ['applied', 'applied', 'repeated'],
    state: 'PARTIALLY_FILLED',
    end: null,
    waitingFor: ['PARTIALLY_FILLED', 'FILLED', 'CANCELED', 'EXPIRED'],
    findings: [],
  },
  {
    title: 'a lost FILLED is found missed at its due time, counted as recovered, and the order settles',
    arrivals: hours([0, 'PLACED'], [60, 'SETTLED']),
    truth: [
      [0, objectRead('PLACED')],
      [1, objectRead('FILLED', true)],
      [60, objectRead('SETTLED', true)],
    ],
    untilHours: 80,
    outcomes: ['applied', 'applied'],
    state: 'SETTLED',
    end: 'partner',
    findings: ['missed'],
    recovered: 1,
    alerts: ['missed'],
  },
  {
    title: 'a lost SETTLED ends the order by the read that found it',
    arrivals: hours([0, 'PLACED'], [1, 'FILLED']),
    truth: [
      [0, objectRead('PLACED')],
      [1, objectRead('FILLED', true)],
      [30, objectRead('SETTLED', true)],
    ],
    untilHours: 100,
    outcomes: ['applied', 'applied'],
    state: 'SETTLED',
    end: 'read',
    findings: ['missed'],
    recovered: 1,
  },
  {
    title: 'a partner that is late is slow, without an alert at the first step',
    arrivals: hours([0, 'PLACED']),
    truth: [[0, objectRead('PLACED')]],
    untilHours: 24.5,
    outcomes: ['applied'],
    state: 'PLACED',
    end: null,
    findings: ['slow'],
    overdue: true,
    alerts: [],
  },
  {
    title: 'a partner that stays late is alerted on twice, then left to an operator and read on',
    arrivals: hours([0, 'PLACED']),
    truth: [[0, objectRead('PLACED')]],
    untilHours: 24 * 10,
    outcomes: ['applied'],
    state: 'PLACED',
    end: null,
    findings: ['slow'],
    overdue: true,
    alerts: ['slow', 'slow'],
  },
  {
    title: 'what arrives late after slow clears the finding and the order goes on',
    arrivals: hours([0, 'PLACED'], [26, 'FILLED']),
    truth: [
      [0, objectRead('PLACED')],
      [26, objectRead('FILLED', true)],
    ],
    untilHours: 27,
    outcomes: ['applied', 'applied'],
    state: 'FILLED',
    end: null,
    waitingFor: ['SETTLED'],
    findings: ['slow'],
    overdue: false,
  },
  {
    title: 'INVALID ends at once',
    arrivals: hours([0, 'RECEIVED'], [0.1, 'INVALID']),
    truth: [[0, objectRead('RECEIVED')]],
    untilHours: 1,
    outcomes: ['applied', 'applied'],
    state: 'INVALID',
    end: 'partner',
    findings: [],
  },
  {
    title: 'a lost INVALID is read within the hour, long before the partner purges it after 48 hours',
    arrivals: hours([0, 'RECEIVED']),
    truth: [
      [0, objectRead('RECEIVED')],
      [0.2, objectRead('INVALID')],
      [48, { kind: 'absent' }],
    ],
    untilHours: 60,
    outcomes: ['applied'],
    state: 'INVALID',
    end: 'read',
    findings: ['missed'],
    recovered: 1,
  },
  {
    title: 'an order that the partner no longer knows is absent',
    arrivals: hours([0, 'RECEIVED']),
    truth: [[0, { kind: 'absent' }]],
    untilHours: 1.5,
    outcomes: ['applied'],
    state: 'RECEIVED',
    end: null,
    findings: ['absent'],
    overdue: true,
  },
  {
    title: 'CANCELED without an executed quantity ends after a read',
    arrivals: hours([0, 'PLACED'], [1, 'CANCELED']),
    truth: [
      [0, objectRead('PLACED')],
      [1, objectRead('CANCELED', false)],
    ],
    untilHours: 2,
    outcomes: ['applied', 'applied'],
    state: 'CANCELED',
    end: 'partner',
    findings: [],
  },
  {
    title: 'CANCELED with a quantity in the read still owes SETTLED',
    arrivals: hours([0, 'PLACED'], [1, 'CANCELED']),
    truth: [
      [0, objectRead('PLACED')],
      [1, objectRead('CANCELED', true)],
    ],
    untilHours: 2,
    outcomes: ['applied', 'applied'],
    state: 'CANCELED',
    end: null,
    waitingFor: ['SETTLED'],
    findings: [],
  },
  {
    title: 'EXPIRED after a partial fill owes SETTLED, which then ends it',
    arrivals: hours([0, 'PLACED'], [1, 'PARTIALLY_FILLED'], [5, 'EXPIRED'], [50, 'SETTLED']),
    truth: [
      [0, objectRead('PLACED')],
      [1, objectRead('PARTIALLY_FILLED', true)],
      [5, objectRead('EXPIRED', true)],
      [50, objectRead('SETTLED', true)],
    ],
    untilHours: 60,
    outcomes: ['applied', 'applied', 'applied', 'applied'],
    state: 'SETTLED',
    end: 'partner',
    findings: [],
  },
  {
    title: 'a partial fill that arrives after EXPIRED still keeps the order open for SETTLED',
    arrivals: hours([0, 'PLACED'], [5, 'EXPIRED'], [5.001, 'PARTIALLY_FILLED']),
    truth: [
      [0, objectRead('PLACED')],
      [4, { kind: 'unreachable', cause: 'timeout' }],
      [6, objectRead('EXPIRED', true)],
    ],
    untilHours: 8,
    outcomes: ['applied', 'applied', 'applied'],
    state: 'EXPIRED',
    end: null,
    waitingFor: ['SETTLED'],
    findings: ['unreachable'],
  },
  {
    title: 'CORRECTED after FILLED takes the fill back: CANCELED then ends when the read shows no quantity',
    arrivals: hours([0, 'PLACED'], [1, 'FILLED'], [2, 'CORRECTED'], [3, 'CANCELED']),
    truth: [
      [0, objectRead('PLACED')],
      [1, objectRead('FILLED', true)],
      [2, objectRead('CORRECTED', false)],
      [3, objectRead('CANCELED', false)],
    ],
    untilHours: 4,
    outcomes: ['applied', 'applied', 'applied', 'applied'],
    state: 'CANCELED',
    end: 'partner',
    findings: [],
  },
  {
    title: 'CORRECTED after FILLED may settle',
    arrivals: hours([0, 'FILLED'], [2, 'CORRECTED'], [3, 'SETTLED']),
    truth: [
      [0, objectRead('FILLED', true)],
      [2, objectRead('CORRECTED', true)],
      [3, objectRead('SETTLED', true)],
    ],
    untilHours: 4,
    outcomes: ['applied', 'applied', 'applied'],
    state: 'SETTLED',
    end: 'partner',
    findings: [],
  },
  {
    title: 'a refused update keeps the state and stores its reason; the same reason again is repeated',
    arrivals: [
      { atMs: 0, status: 'PLACED' },
      { atMs: HOUR_MS, status: null, more: { reason: 'UNKNOWN_ERROR' } },
      { atMs: 2 * HOUR_MS, status: null, more: { reason: 'UNKNOWN_ERROR' } },
    ],
    truth: [[0, objectRead('PLACED')]],
    untilHours: 3,
    outcomes: ['applied', 'applied', 'repeated'],
    state: 'PLACED',
    end: null,
    findings: [],
  },
  {
    title: 'SETTLED waits for the read to agree while the read lags behind the webhook',
    arrivals: hours([0, 'FILLED'], [1, 'SETTLED']),
    truth: [
      [0, objectRead('FILLED', true)],
      [2, objectRead('SETTLED', true)],
    ],
    untilHours: 3,
    outcomes: ['applied', 'applied'],
    state: 'SETTLED',
    end: 'partner',
    findings: [],
  },
  {
    title: 'SETTLED that no read ever agrees with is a contradiction, alerted once, and stays open',
    arrivals: hours([0, 'FILLED'], [1, 'SETTLED']),
    truth: [[0, objectRead('FILLED', true)]],
    untilHours: 24 * 6,
    outcomes: ['applied', 'applied'],
    state: 'SETTLED',
    end: null,
    waitingFor: ['agreement'],
    findings: ['contradiction'],
    overdue: true,
    alerts: ['contradiction'],
  },
  {
    title: 'a fill that arrives after SETTLED does not stand in for the read that has to agree',
    arrivals: hours([0, 'PLACED'], [1, 'SETTLED'], [1.001, 'FILLED']),
    truth: [[0, objectRead('PLACED')]],
    untilHours: 3,
    outcomes: ['applied', 'applied', 'applied'],
    state: 'SETTLED',
    end: null,
    waitingFor: ['agreement'],
    findings: [],
  },
  {
    title: 'another partial fill is one of the things awaited: an overdue order is in time again',
    arrivals: hours([0, 'PARTIALLY_FILLED'], [24.5, 'PARTIALLY_FILLED']),
    truth: [[0, objectRead('PARTIALLY_FILLED', true)]],
    untilHours: 26,
    outcomes: ['applied', 'repeated'],
    state: 'PARTIALLY_FILLED',
    end: null,
    findings: ['slow'],
    finding: null,
    overdue: false,
  },
  {
    title: 'REJECTED after a fill is illegal and read; a read that still says FILLED refutes it',
    arrivals: hours([0, 'FILLED'], [1, 'REJECTED']),
    truth: [[0, objectRead('FILLED', true)]],
    untilHours: 2,
    outcomes: ['applied', 'illegal'],
    state: 'FILLED',
    end: null,
    waitingFor: ['SETTLED'],
    findings: [],
  },
  {
    title: 'REJECTED after a fill that the read confirms is a contradiction for an operator',
    arrivals: hours([0, 'FILLED'], [1, 'REJECTED']),
    truth: [
      [0, objectRead('FILLED', true)],
      [1, objectRead('REJECTED', true)],
    ],
    untilHours: 40,
    outcomes: ['applied', 'illegal'],
    state: 'FILLED',
    end: null,
    findings: ['contradiction'],
    alerts: ['contradiction'],
  },
  {
    title: 'what arrives after the end is late; another end, or a fill after CANCELED, contradicts it',
    arrivals: hours([0, 'PLACED'], [1, 'REJECTED'], [2, 'PLACED'], [3, 'FILLED'], [4, 'CANCELED']),
    truth: [[0, objectRead('PLACED')]],
    untilHours: 5,
    outcomes: ['applied', 'applied', 'late', 'late', 'late'],
    state: 'REJECTED',
    end: 'partner',
    findings: ['contradiction', 'contradiction'],
    alerts: ['contradiction', 'contradiction'],
  },
  {
    title: 'a Coinify trade is completed once its read agrees',
    rules: trade,
    arrivals: hours([0, 'created'], [1, 'transfer-in-completed'], [2, 'completed']),
    truth: [
      [0, objectRead('created')],
      [1, objectRead('transfer-in-completed')],
      [2, objectRead('completed')],
    ],
    untilHours: 3,
    outcomes: ['applied', 'applied', 'applied'],
    state: 'completed',
    end: 'partner',
    findings: [],
  },
  {
    title: 'a Coinify trade cancelled after its payment is illegal until the read says so too',
    rules: trade,
    arrivals: hours([0, 'transfer-in-completed'], [1, 'cancelled']),
    truth: [[0, objectRead('transfer-in-completed')]],
    untilHours: 2,
    outcomes: ['applied', 'illegal'],
    state: 'transfer-in-completed',
    end: null,
    findings: [],
  },
  {
    title: 'an event id that comes again with another meaning is illegal and changes nothing',
    rules: trade,
    arrivals: [
      { atMs: 0, status: 'created' },
      { atMs: HOUR_MS, status: 'completed', contradictsEarlier: true },
    ],
    truth: [[0, objectRead('created')]],
    untilHours: 2,
    outcomes: ['applied', 'illegal'],
    state: 'created',
    end: null,
    findings: [],
  },
];

describe('an order’s life, scenario by scenario', () => {
  test.each(scenarios)('$title', (scenario) => {
    const truthAt = (atMs: number): Reading =>
      scenario.truth.filter(([fromHours]) => fromHours * HOUR_MS <= atMs).at(-1)?.[1] ?? { kind: 'absent' };
    const run = runSubject(
      scenario.rules ?? order,
      scenario.arrivals,
      (atMs) => ({ reading: truthAt(atMs) }),
      scenario.untilHours * HOUR_MS,
    );
    expect(run.outcomes).toEqual(scenario.outcomes);
    expect(run.subject.state).toBe(scenario.state);
    expect(run.subject.end?.by ?? null).toBe(scenario.end);
    expect(run.subject.findings.map(({ finding }) => finding)).toEqual(scenario.findings);
    expect(run.recovered).toBe(scenario.recovered ?? 0);
    if (scenario.waitingFor !== undefined) expect(run.subject.waitingFor).toEqual(scenario.waitingFor);
    if (scenario.finding !== undefined) expect(run.subject.finding).toBe(scenario.finding);
    if (scenario.overdue !== undefined) expect(run.subject.overdue).toBe(scenario.overdue);
    if (scenario.alerts !== undefined) expect(run.alerts).toEqual(scenario.alerts);
  });

  test('news that comes while an overdue read is under way is not judged by that read: the order still ends', () => {
    const run = runSubject(
      order,
      [...hours([0, 'PLACED']), { atMs: DAY_MS + 1_000, status: 'SETTLED' }],
      () => ({ reading: objectRead('SETTLED', true) }),
      30 * DAY_MS,
      2_000,
    );
    expect(run.outcomes).toEqual(['applied', 'applied']);
    expect(run.subject.end?.by).toBe('partner');
    expect(run.subject.findings).toEqual([]);
  });

  test('nothing is called missed while deliveries of ours are still pending', () => {
    const run = runSubject(
      order,
      hours([0, 'PLACED'], [25, 'FILLED']),
      (atMs) => ({ reading: objectRead(atMs < HOUR_MS ? 'PLACED' : 'FILLED', true), backlog: atMs < 25 * HOUR_MS }),
      2 * DAY_MS,
    );
    expect(run.outcomes).toEqual(['applied', 'applied']);
    expect(run.subject.findings).toEqual([]);
    expect(run.recovered).toBe(0);
  });
});
