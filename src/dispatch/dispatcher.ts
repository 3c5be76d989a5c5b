import { v4 as uuidv4 } from 'uuid';

import { backOffMs } from '../domain/back-off';
import { type Rest, startRounds } from '../lib/rounds';
import { isDatabaseAway } from '../store/database-errors';
import { type Claim, claimPending, release } from '../store/deliveries/claims';
import { dispatchBatch, type DispatchDependencies } from './batch';
import { failureCode } from '../temporal/errors';
import { createSetNotifier, type SetNotifier } from './notify-sets';

/** Limits of a dispatcher: deliveries at once, and the time it may keep them. */
export interface DispatchLimits {
  readonly batchSize: number;
  /** Bodies loaded at once, bytes: what bounds memory whatever the backlog. */
  readonly batchBytes: number;
  /** At least three times the call deadline, or a slow call would see its delivery taken over by another dispatcher. */
  readonly leaseMs: number;
  readonly pollMs: number;
}

/** Running dispatcher. */
export interface Dispatcher {
  /** Something was appended: look now. */
  readonly wake: () => void;
  /** Finishes what is in flight and stops. */
  stop(): Promise<void>;
}

/** Cuts claims into runs whose bodies fit into memory together. */
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

type Round = 'idle' | 'busy' | 'temporal-away';

/** Temporal may be away: what was booked alone is dispatched all the same, and flows are told when it is back. */
async function tellQuietly({ logger }: DispatchDependencies, notifier: SetNotifier): Promise<number> {
  try {
    return await notifier.tellNext();
  } catch (error) {
    logger.debug({ failure: failureCode(error) }, 'flows could not be told of their sets yet');
    return 0;
  }
}

/** Short, because whoever was in the way is mostly gone by then; not the same for all, or they would meet again. */
const FAILED_ROUND_WAIT_MS = 500;

/** Without this, what a failed round had claimed would wait for the end of its lease. */
async function giveBackFailed(dependencies: DispatchDependencies, claims: readonly Claim[]): Promise<void> {
  const retryMs = Math.round(FAILED_ROUND_WAIT_MS * (0.5 + Math.random()));
  try {
    await release(dependencies.database, claims, { retryMs, refused: false });
  } catch (error) {
    const failure = failureCode(error);
    dependencies.logger.debug({ failure, waiting: claims.length }, 'claims wait for the end of their lease');
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

async function round(
  dependencies: DispatchDependencies,
  notifier: SetNotifier,
  limits: DispatchLimits,
  isStopping: () => boolean,
): Promise<Round> {
  const told = await tellQuietly(dependencies, notifier);
  const claims = await claimPending(dependencies.database, {
    leaseToken: uuidv4(),
    leaseMs: limits.leaseMs,
    limit: limits.batchSize,
  });
  if (claims.length === 0) return told === 0 ? 'idle' : 'busy';
  try {
    return await dispatchClaims(dependencies, claims, limits, isStopping);
  } catch (error) {
    await giveBackFailed(dependencies, claims);
    throw error;
  }
}

const PAUSE = { firstMs: 100, longestMs: 5_000 };

/** Rests between rounds: none after work, the poll when idle, ever longer with jitter while something is away. */
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

/**
 * Starts dispatching: claims what is pending, again and again. Temporal or the database may be away for hours;
 * nothing is lost meanwhile, because a delivery stays pending until its decision is written.
 */
export function startDispatcher(dependencies: DispatchDependencies, limits: DispatchLimits): Dispatcher {
  const restAfter = createRests(limits.pollMs);
  const notifier = createSetNotifier(dependencies);
  return startRounds(async (stop) => {
    try {
      return restAfter(await round(dependencies, notifier, limits, () => stop.aborted));
    } catch (error) {
      const says = isDatabaseAway(error)
        ? 'dispatch waits: the database is away'
        : 'a round of dispatch failed, what it had claimed is tried again';
      dependencies.logger.warn({ failure: failureCode(error) }, says);
      return restAfter('failed');
    }
  });
}
