import { v4 as uuidv4 } from 'uuid';

import { backOffMs } from '../domain/back-off';
import { type Rest, startRounds } from '../lib/rounds';
import { isDatabaseAway } from '../store/database-errors';
import { type Claim, claimPending, release } from '../store/deliveries/claims';
import { dispatchBatch, type DispatchDependencies } from './batch';
import { failureCode } from '../temporal/errors';
import { startSetNotifier } from './notify-sets';

/** Limits of a dispatcher: how much it takes at once, and for how long. */
export interface DispatchLimits {
  readonly batchSize: number;
  /** Bodies loaded at once, bytes; bounds the memory of a backlog of any size. */
  readonly batchBytes: number;
  /** At least three times the call deadline, or a slow call would see its delivery taken over by another dispatcher. */
  readonly leaseMs: number;
  readonly pollMs: number;
}

/** A dispatcher that runs. */
export interface Dispatcher {
  /** Begins the next round at once, because something was appended. */
  readonly wake: () => void;
  /** Finishes what is in flight and stops. */
  stop(): Promise<void>;
}

type Round = 'idle' | 'busy' | 'temporal-away';

/**
 * A dispatcher that claims what is pending, round after round, and notifies flows of their sets beside it. Temporal or the database may be away for hours; nothing
 * is lost meanwhile, because a delivery stays pending until its decision is recorded.
 */
export function startDispatcher(dependencies: DispatchDependencies, limits: DispatchLimits): Dispatcher {
  const restAfter = createRests(limits.pollMs);
  const rounds = startRounds(async (stop) => {
    try {
      return restAfter(await round(dependencies, limits, () => stop.aborted));
    } catch (error) {
      const message = isDatabaseAway(error)
        ? 'dispatch waits: the database is away'
        : 'a round of dispatch failed, what it had claimed is tried again';
      dependencies.logger.warn({ failure: failureCode(error) }, message);
      return restAfter('failed');
    }
  });
  const notifier = startSetNotifier(dependencies, limits.pollMs);
  return {
    wake: () => {
      rounds.wake();
    },
    stop: async () => {
      await Promise.all([rounds.stop(), notifier.stop()]);
    },
  };
}

const PAUSE = { firstMs: 100, longestMs: 5_000 };

/** Rests between rounds: none after work, the poll when idle, growing with jitter while a server is away. */
function createRests(pollMs: number): (after: Round | 'failed') => Rest {
  let failures = 0;
  return (after) => {
    if (after === 'busy' || after === 'idle') {
      failures = 0;
      return { ms: after === 'busy' ? 0 : pollMs };
    }
    const ms = backOffMs(PAUSE, failures, Math.random());
    failures += 1;
    return { ms, isPause: true };
  };
}

async function round(
  dependencies: DispatchDependencies,
  limits: DispatchLimits,
  isStopping: () => boolean,
): Promise<Round> {
  const claims = await claimPending(dependencies.database, {
    leaseToken: uuidv4(),
    leaseMs: limits.leaseMs,
    limit: limits.batchSize,
  });
  if (claims.length === 0) return 'idle';
  try {
    return await dispatchClaims(dependencies, claims, limits, isStopping);
  } catch (error) {
    await giveBackFailed(dependencies, claims);
    throw error;
  }
}

async function dispatchClaims(
  dependencies: DispatchDependencies,
  claims: readonly Claim[],
  limits: DispatchLimits,
  isStopping: () => boolean,
): Promise<Round> {
  const runs = withinBytes(claims, limits.batchBytes);
  for (const [index, run] of runs.entries()) {
    const isStopped = isStopping();
    if (!isStopped && (await dispatchBatch(dependencies, run)) === 'done') continue;
    const rest = runs.slice(isStopped ? index : index + 1).flat();
    await release(dependencies.database, rest, { retryMs: 0, refused: false });
    return isStopping() ? 'idle' : 'temporal-away';
  }
  return 'busy';
}

/** Runs of claims, each of bodies that fit into memory together, in the order of the claims. */
export function withinBytes(claims: readonly Claim[], limitBytes: number): readonly (readonly Claim[])[] {
  const runs: Claim[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const claim of claims) {
    if (bytes + claim.bodyBytes > limitBytes) {
      runs.push([]);
      bytes = 0;
    }
    runs.at(-1)?.push(claim);
    bytes += claim.bodyBytes;
  }
  return runs;
}

/** Short, because the other transaction has mostly ended by then; with jitter, or the two would meet again. */
const FAILED_ROUND_WAIT_MS = 500;

/** Without this the claims of a failed round would wait for the end of their lease. */
async function giveBackFailed(dependencies: DispatchDependencies, claims: readonly Claim[]): Promise<void> {
  const retryMs = Math.round(FAILED_ROUND_WAIT_MS * (0.5 + Math.random()));
  try {
    await release(dependencies.database, claims, { retryMs, refused: false });
  } catch (error) {
    const failure = failureCode(error);
    dependencies.logger.debug({ failure, waiting: claims.length }, 'claims wait for the end of their lease');
  }
}
