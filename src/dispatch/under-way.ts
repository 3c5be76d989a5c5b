import { EventEmitter, once } from 'node:events';

import type { Claim } from '../store/deliveries/due';
import type { DecodedDelivery } from './decode';

/** The end of a batch. */
type BatchEnd = 'done' | 'temporal-away' | 'failed';

/** The work of a batch; tells of the deliveries that are done as they come. It never rejects. */
type Batch = (onRecorded: (claims: readonly Claim[]) => void) => Promise<BatchEnd>;

/** The deliveries of a dispatcher that are under way, in batches. */
export interface UnderWay {
  /** Capacity for the next batch, once there is enough for half of one: many claims of a few would cost more than they bring. */
  capacity(): Promise<{ readonly limit: number; readonly bytes: number }>;
  add(deliveries: readonly DecodedDelivery[], batch: Batch): void;
  /** The trouble that kept a batch from being dispatched since the last call, after all batches have ended; null where nothing did. */
  trouble(): Promise<Exclude<BatchEnd, 'done'> | null>;
  /** The end of all batches. */
  ended(): Promise<void>;
}

interface Limits {
  readonly batchSize: number;
  readonly batchBytes: number;
  readonly mostUnderWay: number;
}

/**
 * Deliveries under way, none yet; `limits` are asked before each batch. Each is counted until it is recorded, and not until its batch ends: a few that hang
 * would otherwise take the capacity of all.
 */
export function createUnderWay(limits: () => Limits): UnderWay {
  const batches = new Set<Promise<void>>();
  const bytesOf = new Map<string, number>();
  const progress = new EventEmitter();
  let bytes = 0;
  let lastTrouble: Exclude<BatchEnd, 'done'> | null = null;
  const remove = (claims: readonly Claim[]): void => {
    for (const { id } of claims) {
      bytes -= bytesOf.get(id) ?? 0;
      bytesOf.delete(id);
    }
    progress.emit('removed');
  };
  const ended = async (): Promise<void> => {
    await Promise.all(batches);
  };
  return {
    async capacity() {
      for (;;) {
        const { batchSize, batchBytes, mostUnderWay } = limits();
        const left = { limit: Math.min(batchSize, mostUnderWay - bytesOf.size), bytes: batchBytes - bytes };
        if (bytesOf.size === 0 || (left.limit * 2 >= batchSize && left.bytes > 0)) return left;
        await once(progress, 'removed');
      }
    },
    add(deliveries, batch) {
      for (const { claim } of deliveries) {
        // One whose lease ran out may be claimed again here while its first batch still goes on: it counts once.
        bytes += claim.bodyBytes - (bytesOf.get(claim.id) ?? 0);
        bytesOf.set(claim.id, claim.bodyBytes);
      }
      const watched = batch(remove).then((end) => {
        batches.delete(watched);
        remove(deliveries.map(({ claim }) => claim));
        if (end !== 'done') lastTrouble = end;
      });
      batches.add(watched);
    },
    async trouble() {
      if (lastTrouble === null) return null;
      await ended();
      const trouble = lastTrouble;
      lastTrouble = null;
      return trouble;
    },
    ended,
  };
}
