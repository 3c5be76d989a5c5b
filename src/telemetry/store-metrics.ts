import { Gauge, type Registry } from 'prom-client';

import type { Pollers } from '../temporal/pollers';
import { FOLLOWED_LIFECYCLES } from '../domain/lifecycle';
import type { Partner } from '../domain/partner';
import { DISPATCH_PROBLEMS } from '../domain/problem';
import { ALERTS, FINDINGS } from '../domain/subject';
import { BALANCE_TERMS, type BalanceTerm, type PartnerBalance } from '../store/stats/balance';
import type { OutboxCount } from '../store/outbox/counts';
import type { Counted, StoreGauges } from '../store/stats/gauges';
import { createCached } from './cached';
import { gauge } from './gauge';
import { showOutbox } from './outbox-metrics';

/** Sources of the numbers of the whole, read when the metrics are. */
export interface Sources {
  readonly balance: () => Promise<readonly PartnerBalance[]>;
  readonly gauges: () => Promise<StoreGauges>;
  readonly outbox: () => Promise<readonly OutboxCount[]>;
  readonly pollers: () => Promise<readonly Pollers[]>;
  /** Partners whose series are shown, also where there is nothing to count. */
  readonly partners: readonly Partner[];
}

/**
 * Limits of reading the balance. A scrape gives up after ten seconds by default; each of these waits for far less,
 * side by side.
 */
const BALANCE_LIMITS = { freshMs: 15_000, waitMs: 2_000, lastsMs: 60_000 };
const GAUGE_LIMITS = { freshMs: 2_000, waitMs: 2_000, lastsMs: 30_000 };

/**
 * Gauges of the whole, the same in every receiver: content of the store, and its workers. None makes a scrape hang or
 * fail; a gauge that could not be read is missing, and `partnerflow_store_readable` shows it.
 */
export function createStoreMetrics(registry: Registry, sources: Sources): void {
  const registers = [registry];
  const balance = createCached(sources.balance, BALANCE_LIMITS);
  const gauges = createCached(sources.gauges, GAUGE_LIMITS);
  const outbox = createCached(sources.outbox, GAUGE_LIMITS);
  const pollers = createCached(sources.pollers, GAUGE_LIMITS);
  showBalance(registers, balance);
  showGauges(registers, sources.partners, gauges);
  showOutbox(registers, outbox);
  showPollers(registers, pollers);
  new Gauge({
    name: 'partnerflow_store_readable',
    help: '1 where the store could be read for the gauges of the part',
    labelNames: ['part'],
    registers,
    async collect() {
      this.set({ part: 'balance' }, (await balance()) === null ? 0 : 1);
      this.set({ part: 'standing' }, (await gauges()) === null ? 0 : 1);
      this.set({ part: 'outbox' }, (await outbox()) === null ? 0 : 1);
    },
  });
}

const TERM_HELP: Readonly<Record<BalanceTerm, string>> = {
  received: 'Deliveries received, by a counter that does not depend on their rows',
  pending: 'Deliveries that wait for dispatch',
  duplicate: 'Deliveries that repeat another one',
  parked: 'Deliveries that could not be decoded and wait for somebody to retry them',
  delivered: 'Deliveries that were sent to their flow, booked or recorded',
  open: 'Delivered, with no outcome yet',
  applied: 'Deliveries that brought something new',
  repeated: 'Deliveries that brought nothing new',
  late: 'Deliveries that came after the end of their subject',
  illegal: 'Deliveries that contradict what is known',
  abandoned: 'Deliveries whose flow was terminated in Temporal',
  rejected: 'Requests refused because they were not authentic (401)',
  recovered: 'Statuses and movements first learned by reading, not by a webhook',
};

function showBalance(registers: Registry[], read: () => Promise<readonly PartnerBalance[] | null>): void {
  for (const term of BALANCE_TERMS) {
    gauge(registers, `partnerflow_balance_${term}`, TERM_HELP[term], ['partner'], read, (balances, set) => {
      for (const balance of balances) set({ partner: balance.partner }, balance[term]);
    });
  }
  const withoutHelp = 'Open deliveries whose workflow no longer runs; missing while Temporal cannot be asked';
  gauge(registers, 'partnerflow_balance_open_without_flow', withoutHelp, ['partner'], read, (balances, set) => {
    for (const { partner, openWithoutFlow } of balances)
      if (openWithoutFlow !== null) set({ partner }, openWithoutFlow);
  });
  gauge(registers, 'partnerflow_balanced', '1 while every delivery is accounted for', ['partner'], read, (all, set) => {
    for (const { partner, balanced } of all) set({ partner }, balanced ? 1 : 0);
  });
}

const ONE = [''];

interface Measure {
  readonly name: string;
  readonly help: string;
  readonly of: keyof StoreGauges;
  /** Name of the label by which it is counted apart; absent where nothing is. */
  readonly label?: string;
  readonly kinds: readonly string[];
}

const MEASURES: readonly Measure[] = [
  {
    name: 'partnerflow_oldest_pending_age_seconds',
    help: 'Age of the oldest delivery that waits for dispatch; 0 where none does',
    of: 'oldestPendingSeconds',
    kinds: ONE,
  },
  {
    name: 'partnerflow_stuck_deliveries',
    help: 'Deliveries that have waited for dispatch for more than an hour',
    of: 'stuckDeliveries',
    kinds: ONE,
  },
  {
    name: 'partnerflow_parked_deliveries',
    help: 'Parked deliveries by what stands in the way of their dispatch; other for all that lies in their bodies',
    of: 'parkedDeliveries',
    label: 'cause',
    kinds: [...DISPATCH_PROBLEMS, 'signature', 'other'],
  },
  {
    name: 'partnerflow_open_flows',
    help: 'Flows that wait for something',
    of: 'openFlows',
    label: 'lifecycle',
    kinds: FOLLOWED_LIFECYCLES,
  },
  {
    name: 'partnerflow_overdue_flows',
    help: 'Flows for which something owed has not come in time, by what reading the object showed',
    of: 'overdueFlows',
    label: 'finding',
    kinds: ['none', ...FINDINGS],
  },
  {
    name: 'partnerflow_open_breaks',
    help: 'Sets of corporate actions with a mismatch that nobody has dealt with',
    of: 'openBreaks',
    kinds: ONE,
  },
  {
    name: 'partnerflow_open_obligations',
    help: 'Money in our corporate wallet that is to be passed on',
    of: 'openObligations',
    kinds: ONE,
  },
  {
    name: 'partnerflow_alerts_raised',
    help: 'Findings that operators were alerted to',
    of: 'alerts',
    label: 'finding',
    // `other` stands for any further word in the table.
    kinds: [...ALERTS, 'other'],
  },
  {
    name: 'partnerflow_alerts_unsent',
    help: 'Alerts whose window is over, and that no receiver has put into the outbox',
    of: 'unsentAlerts',
    kinds: ONE,
  },
];

function showGauges(
  registers: Registry[],
  partners: readonly Partner[],
  read: () => Promise<StoreGauges | null>,
): void {
  for (const { name, help, of, label, kinds } of MEASURES) {
    const labelNames = label === undefined ? ['partner'] : ['partner', label];
    gauge(registers, name, help, labelNames, read, (gauges, set) => {
      for (const partner of partners)
        for (const kind of kinds) {
          const labels = label === undefined ? { partner } : { partner, [label]: kind };
          set(labels, total(gauges[of], partner, kind, kinds));
        }
    });
  }
}

function total(counted: readonly Counted[], partner: Partner, kind: string, kinds: readonly string[]): number {
  const fits = (one: Counted): boolean =>
    one.partner === partner && (one.kind === kind || (kind === 'other' && !kinds.includes(one.kind)));
  return counted.filter(fits).reduce((sum, { count }) => sum + count, 0);
}

function showPollers(registers: Registry[], read: () => Promise<readonly Pollers[] | null>): void {
  const help = 'Workers that ask Temporal for tasks of a queue; missing while Temporal cannot be asked';
  gauge(registers, 'partnerflow_task_queue_pollers', help, ['queue', 'kind'], read, (pollers, set) => {
    for (const { queue, kind, count } of pollers) set({ queue, kind }, count);
  });
  const reachable = '1 while Temporal answers this receiver';
  new Gauge({
    name: 'partnerflow_temporal_reachable',
    help: reachable,
    registers,
    async collect() {
      this.set((await read()) === null ? 0 : 1);
    },
  });
}
