import { randomUUID } from 'node:crypto';

import type { DispatchDependencies } from '../../src/dispatch/batch';
import { claimNext } from '../../src/dispatch/claim';
import type { DecodedDelivery } from '../../src/dispatch/decode';
import { createSlots } from '../../src/lib/concurrency';
import type { FlowStarter } from '../../src/temporal/flow-client';

/** Flows that take everything, where a test does not say otherwise. */
export function flowsThat(changes: Partial<FlowStarter> = {}): FlowStarter {
  return {
    signalWithStart: () => Promise.resolve('a-run'),
    startExpecting: () => Promise.resolve(true),
    tell: () => Promise.resolve({ kind: 'registered' }),
    wakeAction: () => Promise.resolve(),
    isKnownAway: () => false,
    isAway: () => Promise.resolve(false),
    ...changes,
  };
}

/** Limits of dispatch that no test reaches by chance. */
export const DISPATCH_LIMITS = {
  ...{
    batchSize: 50,
    batchBytes: 1_000_000,
    mostUnderWay: 500,
    yielding: { batchSize: 50, mostUnderWay: 500 },
    leaseMs: 30_000,
    pollMs: 50,
  },
};

/** Slots of one call at a time, which no call gives back while it lasts. */
export const ONE_SLOT = createSlots({ count: 1, slowMs: 60_000 });

/** Claims what is due, with a lease of its own. */
export async function claimAll(
  dependencies: Pick<DispatchDependencies, 'database' | 'partners' | 'encryption' | 'policies'>,
  { leaseMs = 30_000, limit = 50 } = {},
): Promise<readonly DecodedDelivery[]> {
  const limits = { leaseToken: randomUUID(), leaseMs, limit, bytes: 1_000_000 };
  return (await claimNext(dependencies, limits)).deliveries;
}
