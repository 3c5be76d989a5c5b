import type { Registry } from 'prom-client';

import type { Partner } from '../domain/partner';
import type { DeliveryDecision } from '../store/deliveries/claims';
import { counter, histogram } from './series';

const SIGNAL_RESULTS = ['taken', 'refused', 'away'] as const;

/** Result of signalling a flow. */
export type SignalResult = (typeof SIGNAL_RESULTS)[number];

const RETRY_REASONS = ['refused', 'away'] as const;

/** Reason why a delivery is dispatched again. */
export type RetryReason = (typeof RETRY_REASONS)[number];

/** Counters of dispatch. */
export interface DispatchMetrics {
  decided(partner: Partner, status: DeliveryDecision['status'], lagSeconds: number): void;
  signalled(partner: Partner, result: SignalResult): void;
  retried(partner: Partner, reason: RetryReason): void;
}

const STATUSES = ['duplicate', 'parked', 'delivered'] as const;

/** Counters of dispatch in the given registry. */
export function createDispatchMetrics(registry: Registry, partners: readonly Partner[]): DispatchMetrics {
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
  return {
    decided: (partner, status, lagSeconds) => {
      decided.inc({ partner, status });
      lag.observe({ partner }, Math.max(0, lagSeconds));
    },
    signalled: (partner, result) => signals.inc({ partner, result }),
    retried: (partner, reason) => retries.inc({ partner, reason }),
  };
}
