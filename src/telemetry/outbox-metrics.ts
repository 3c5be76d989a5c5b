import type { Registry } from 'prom-client';

import { OUTGOING_TARGETS } from '../domain/outgoing';
import type { OutboxCount } from '../store/outbox/counts';
import { gauge } from './gauge';

const STATES = ['waiting', 'dead'] as const;

/** Gauges of messages that their receiver has not taken; every target is shown, also where nothing waits. */
export function showOutbox(registers: Registry[], read: () => Promise<readonly OutboxCount[] | null>): void {
  const messages = 'Messages of the outbox that wait to be sent (again), or were given up (dead)';
  gauge(registers, 'partnerflow_outbox_messages', messages, ['target', 'state'], read, (counts, set) => {
    for (const target of OUTGOING_TARGETS)
      for (const state of STATES) {
        const found = counts.find((one) => one.target === target && one.state === state);
        set({ target, state }, found?.count ?? 0);
      }
  });
  const oldest = 'Age of the oldest message of the outbox that waits to be sent (again); 0 where none does';
  gauge(registers, 'partnerflow_outbox_oldest_waiting_age_seconds', oldest, ['target'], read, (counts, set) => {
    for (const target of OUTGOING_TARGETS) {
      const found = counts.find((one) => one.target === target && one.state === 'waiting');
      set({ target }, found?.oldestSeconds ?? 0);
    }
  });
}
