import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';

import type { Partner } from '../domain/partner';
import { declaredPath } from '../domain/problem';
import {
  CIRCUIT_STATES,
  type CircuitWord,
  type PartnerReader,
  ReadFailure,
  type ReadFailureCause,
} from '../partners/reading';
import { counter, histogram, UNREAD_FIELDS } from './series';

/** Results of an attempt to read an object. */
const TRIES = ['done', 'failed'] as const;

/** Counters of a worker; labels come from fixed lists. */
export interface WorkerMetrics {
  readonly registry: Registry;
  /** Count of an attempt of an activity that has ended. */
  tried(activity: string, attempt: number, result: (typeof TRIES)[number]): void;
  /** Same reader, with its reads counted and timed. */
  watchReader(partner: Partner, reader: PartnerReader): PartnerReader;
  /** Source of the state of a partner's circuit, called when the metrics are read. */
  watchCircuit(partner: Partner, state: () => CircuitWord): void;
  /** Source of the polling state, called when the metrics are read. */
  watchPolling(polls: () => boolean): void;
}

/** Metrics of one worker process, in a registry of their own. */
export function createWorkerMetrics(partners: readonly Partner[]): WorkerMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'partnerflow_worker_' });
  const read = createReads(registry, partners);
  // Of fields of the codecs alone, whose names are a fixed list.
  const unread = new Counter({
    name: UNREAD_FIELDS,
    help: 'Fields that decide nothing and could not be read: left out of what an answer to a read means',
    labelNames: ['partner', 'event', 'field'],
    registers: [registry],
  });
  return {
    registry,
    tried: createTries(registry),
    watchReader: (partner, reader) => ({
      read: async (key, readHints, hear) => {
        const startedMs = performance.now();
        try {
          const reading = await reader.read(key, readHints, (answer) => {
            for (const { path } of answer.unread)
              unread.inc({ partner, event: `read:${key.object}`, field: declaredPath(path) });
            hear?.(answer);
          });
          read(partner, reading.kind === 'unreachable' ? 'other' : reading.kind, startedMs);
          return reading;
        } catch (error) {
          read(partner, error instanceof ReadFailure ? error.failureCause : 'other', startedMs);
          throw error;
        }
      },
    }),
    watchCircuit: createCircuits(registry),
    watchPolling: (polls) => {
      new Gauge({
        name: 'partnerflow_worker_polls',
        help: '1 while every worker of the process polls Temporal',
        registers: [registry],
        collect() {
          this.set(polls() ? 1 : 0);
        },
      });
    },
  };
}

/** Causes of failed reads, each once. */
const CAUSES: Readonly<Record<ReadFailureCause, true>> = {
  timeout: true,
  'refused connection': true,
  'rate-limited': true,
  'server-error': true,
  'circuit open': true,
  unauthorised: true,
  forbidden: true,
  'owner unknown': true,
  undecodable: true,
  'unexpected-status': true,
};
const READ_RESULTS = ['object', 'absent', ...Object.keys(CAUSES), 'other'];

function createReads(registry: Registry, partners: readonly Partner[]) {
  const reads = counter({
    name: 'partnerflow_reads_total',
    help: 'Attempts to read an object at its partner, by result',
    labels: { partner: partners, result: READ_RESULTS },
    registry,
  });
  const seconds = histogram({
    name: 'partnerflow_read_seconds',
    help: 'Duration of one attempt to read an object, whatever its result',
    labels: { partner: partners },
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registry,
  });
  return (partner: Partner, result: string, startedMs: number): void => {
    reads.inc({ partner, result });
    seconds.observe({ partner }, (performance.now() - startedMs) / 1000);
  };
}

function createCircuits(registry: Registry) {
  const circuits = new Map<Partner, () => CircuitWord>();
  new Gauge({
    name: 'partnerflow_partner_circuit',
    help: '1 for the state in which the circuit of reads at a partner is, 0 for the others',
    labelNames: ['partner', 'state'],
    registers: [registry],
    collect() {
      for (const [partner, now] of circuits)
        for (const state of CIRCUIT_STATES) this.set({ partner, state }, state === now() ? 1 : 0);
    },
  });
  return (partner: Partner, state: () => CircuitWord): void => {
    circuits.set(partner, state);
  };
}

function createTries(registry: Registry) {
  const registers = [registry];
  const tries = new Counter({
    name: 'partnerflow_activity_tries_total',
    help: 'Attempts of activities, by result',
    labelNames: ['activity', 'result'],
    registers,
  });
  const retries = new Counter({
    name: 'partnerflow_activity_retries_total',
    help: 'Attempts of activities that were not the first',
    labelNames: ['activity'],
    registers,
  });
  return (activity: string, attempt: number, result: (typeof TRIES)[number]): void => {
    for (const one of TRIES) tries.inc({ activity, result: one }, one === result ? 1 : 0);
    retries.inc({ activity }, attempt > 1 ? 1 : 0);
  };
}
