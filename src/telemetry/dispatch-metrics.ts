import type { Registry } from 'prom-client';

import type { Partner } from '../domain/partner';
import { declaredPath, type Problem } from '../domain/problem';
import type { DeliveryDecision } from '../store/deliveries/claims';
import { counter, counterOf, histogram, UNREAD_FIELDS } from './series';

const SIGNAL_RESULTS = ['taken', 'refused', 'away'] as const;

/** Result of signalling a flow. */
export type SignalResult = (typeof SIGNAL_RESULTS)[number];

const RETRY_REASONS = ['refused', 'away'] as const;

/** Reason why a delivery is dispatched again. */
export type RetryReason = (typeof RETRY_REASONS)[number];

/** An event as its deliveries are counted. Its words are those of our codecs: nothing in a label comes from a body. */
export interface WatchedEvent {
  readonly partner: Partner;
  readonly event: string;
  /** Fields that decide nothing, with `[]` after a list. */
  readonly sideFields: readonly string[];
  readonly isDeprecated: boolean;
}

/** Counters of dispatch. */
export interface DispatchMetrics {
  decided(partner: Partner, status: DeliveryDecision['status'], lagSeconds: number): void;
  signalled(partner: Partner, result: SignalResult): void;
  retried(partner: Partner, reason: RetryReason): void;
  /** Fields of an event that were left unread, and the arrival of a version that its partner has replaced. */
  understood(partner: Partner, event: string, unread: readonly Problem[]): void;
}

const STATUSES = ['duplicate', 'parked', 'delivered'] as const;

/** Counters of dispatch in the given registry. */
export function createDispatchMetrics(
  registry: Registry,
  partners: readonly Partner[],
  events: readonly WatchedEvent[] = [],
): DispatchMetrics {
  const decided = counter({
    name: 'partnerflow_deliveries_settled_total',
    help: 'Deliveries decided on by this process',
    labels: { partner: partners, status: STATUSES },
    registry,
  });
  const lag = histogram({
    name: 'partnerflow_dispatch_lag_seconds',
    help: 'From the reception of a delivery to the decision on it',
    labels: { partner: partners },
    buckets: [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 1_800, 7_200],
    registry,
  });
  const signals = counter({
    name: 'partnerflow_signals_total',
    help: 'Notifications sent to Temporal: taken by a flow, refused, or not sent because Temporal is away',
    labels: { partner: partners, result: SIGNAL_RESULTS },
    registry,
  });
  const retries = counter({
    name: 'partnerflow_dispatch_retries_total',
    help: 'Deliveries that are dispatched again: refused by Temporal, or Temporal away',
    labels: { partner: partners, reason: RETRY_REASONS },
    registry,
  });
  const unread = unreadCounter(registry, events);
  const deprecated = deprecatedCounter(registry, events);
  const replaced = new Set(events.flatMap((one) => (one.isDeprecated ? [`${one.partner} ${one.event}`] : [])));
  return {
    decided: (partner, status, lagSeconds) => {
      decided.inc({ partner, status });
      lag.observe({ partner }, Math.max(0, lagSeconds));
    },
    signalled: (partner, result) => signals.inc({ partner, result }),
    retried: (partner, reason) => retries.inc({ partner, reason }),
    understood: (partner, event, problems) => {
      for (const { path } of problems) unread.inc({ partner, event, field: declaredPath(path) });
      if (replaced.has(`${partner} ${event}`)) deprecated.inc({ partner, event });
    },
  };
}

function unreadCounter(registry: Registry, events: readonly WatchedEvent[]) {
  return counterOf(
    {
      name: UNREAD_FIELDS,
      help: 'Fields that decide nothing and could not be read: left out of what their deliveries mean',
      labelNames: ['partner', 'event', 'field'],
      registry,
    },
    events.flatMap(({ partner, event, sideFields }) => sideFields.map((field) => ({ partner, event, field }))),
  );
}

function deprecatedCounter(registry: Registry, events: readonly WatchedEvent[]) {
  return counterOf(
    {
      name: 'partnerflow_deprecated_events_total',
      help: 'Deliveries of a version that the partner has replaced by another one',
      labelNames: ['partner', 'event'],
      registry,
    },
    events.flatMap(({ partner, event, isDeprecated }) => (isDeprecated ? [{ partner, event }] : [])),
  );
}
