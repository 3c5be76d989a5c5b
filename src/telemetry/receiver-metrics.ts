import { Gauge, Histogram, Registry } from 'prom-client';

import type { Partner } from '../domain/partner';
import { counter, histogram } from './series';

/** Counters of the receiver; labels come from fixed lists, never from a request. */
export interface ReceiverMetrics {
  readonly registry: Registry;
  kept(partner: Partner, seconds: number): void;
  refused(partner: Partner, status: number): void;
  readonly batch: (rows: number) => void;
  /** Source of the depth, called when the metrics are read. */
  watchDepth(depth: () => number): void;
}

const REFUSING_STATUSES = ['401', '408', '413', '503'];

/** Metrics in a registry of their own, so that two receivers in one process do not share them. */
export function createReceiverMetrics(partners: readonly Partner[]): ReceiverMetrics {
  const registry = new Registry();
  const registers = [registry];
  const kept = counter({
    name: 'partnerflow_deliveries_kept_total',
    help: 'Deliveries kept and acknowledged',
    labels: { partner: partners },
    registry,
  });
  const refused = counter({
    name: 'partnerflow_requests_refused_total',
    help: 'Requests of a partner not answered 200',
    labels: { partner: partners, status: REFUSING_STATUSES },
    registry,
  });
  const latency = histogram({
    name: 'partnerflow_acknowledgement_seconds',
    help: 'From the end of the headers of a request to its 200',
    labels: { partner: partners },
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registry,
  });
  const rows = new Histogram({
    name: 'partnerflow_group_commit_rows',
    help: 'Deliveries committed by one statement',
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256],
    registers,
  });
  // Found once: a search by labels with every request would be slow.
  const ofPartner = new Map(
    partners.map((partner) => [partner, { kept: kept.labels({ partner }), latency: latency.labels({ partner }) }]),
  );
  return {
    registry,
    kept: (partner, seconds) => {
      const series = ofPartner.get(partner);
      series?.kept.inc();
      series?.latency.observe(seconds);
    },
    refused: (partner, status) => refused.inc({ partner, status: String(status) }),
    batch: (count) => rows.observe(count),
    watchDepth: (depth) => {
      new Gauge({
        name: 'partnerflow_appends_waiting',
        help: 'Deliveries waiting for their commit',
        registers,
        collect() {
          this.set(depth());
        },
      });
    },
  };
}
