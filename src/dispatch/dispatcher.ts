import { v4 as uuidv4 } from 'uuid';

import { backOffMs } from '../domain/back-off';
import type { Partner } from '../domain/partner';
import { type Rest, type Rounds, startRounds } from '../lib/rounds';
import { isDatabaseAway } from '../store/database-errors';
import { type Claim, type DueFrom, partnersDue } from '../store/deliveries/due';
import { release } from '../store/deliveries/claims';
import { failureCode } from '../temporal/errors';
import { dispatchBatch, type DispatchDependencies } from './batch';
import { type Claimed, claimNext } from './claim';
import type { DecodedDelivery } from './decode';
import { startSetNotifier } from './notify-sets';
import { createUnderWay, type UnderWay } from './under-way';
import { startWaitingCheck } from './waiting-check';
import { createYielding, type Yielding } from './yielding';

/** Limits of a dispatcher: how much it takes at once, and for how long. */
export interface DispatchLimits {
  /** Deliveries that are claimed together. */
  readonly batchSize: number;
  /** Bytes of a partner's bodies under way from which no more are claimed; bounds the memory of a backlog of any size. */
  readonly batchBytes: number;
  /** Deliveries of one partner under way at once, over all batches: some of them may hang. */
  readonly mostUnderWay: number;
  /** Limits of a backlog while another partner sends something: a large batch keeps the processes busy at one go. */
  readonly yielding: Pick<DispatchLimits, 'batchSize' | 'mostUnderWay'>;
  /** At least three times the call deadline, or a slow call would see its delivery taken over by another dispatcher. */
  readonly leaseMs: number;
  readonly pollMs: number;
}

/** A dispatcher that runs. */
export interface Dispatcher {
  /** Begins the next round at once, because something of this partner, or of any, was appended. */
  readonly wake: (partner?: Partner) => void;
  /** Finishes what is in flight and stops. */
  stop(): Promise<void>;
}

type Round = 'idle' | 'more-soon' | 'busy' | 'temporal-away' | 'failed';

/**
 * A dispatcher that claims what is pending, batch after batch, several under way at once: a slow one does not keep the
 * next one waiting. Each partner has rounds and batches of its own, and none waits for another one's backlog. Temporal or
 * the database may be away for hours; nothing is lost meanwhile, because a delivery stays pending until its decision is
 * recorded.
 */
export function startDispatcher(dependencies: DispatchDependencies, limits: DispatchLimits): Dispatcher {
  let isStopping = false;
  const yielding = createYielding();
  const stoppable = { ...dependencies, yields: (of: Partner) => yielding.yields(of), isStopping: () => isStopping };
  const { names } = dependencies.partners;
  const byPartner = new Map(names.map((of) => [of, startPartnerRounds(stoppable, limits, yielding, { of })]));
  // What is left of a partner that was taken out of the list.
  const leftover = startPartnerRounds(stoppable, limits, yielding, { notOf: names });
  const all = [...byPartner.values(), leftover];
  const look = startLook(dependencies, limits.pollMs, (partner) => {
    (byPartner.get(partner) ?? leftover).wake();
  });
  const notifier = startSetNotifier(dependencies, limits.pollMs);
  const check = startWaitingCheck(dependencies, WAITING_CHECK_MS);
  return {
    wake: (partner) => {
      const one = byPartner.get(partner ?? '');
      for (const rounds of one === undefined ? all : [one]) rounds.wake();
    },
    stop: async () => {
      isStopping = true;
      await Promise.all([look, ...all, notifier, check].map((rounds) => rounds.stop()));
    },
  };
}

/** A look at what has become due by itself, or was kept by another process: one question for all partners. */
function startLook(
  { database, logger }: DispatchDependencies,
  pollMs: number,
  wake: (partner: Partner) => void,
): Rounds {
  return startRounds(async () => {
    try {
      for (const partner of await partnersDue(database)) wake(partner);
    } catch (error) {
      logger.debug({ failure: failureCode(error) }, 'what is due is looked for again');
    }
    return { ms: pollMs };
  });
}

function startPartnerRounds(
  dependencies: DispatchDependencies,
  limits: DispatchLimits,
  yielding: Yielding,
  from: DueFrom,
): Rounds {
  const restAfter = createRests();
  const partner = 'of' in from ? from.of : LEFTOVER;
  const underWay = createUnderWay(() => (yielding.yields(partner) ? { ...limits, ...limits.yielding } : limits));
  const claim = async (): Promise<Claimed> => {
    const lease = { leaseToken: uuidv4(), leaseMs: limits.leaseMs };
    const claimed = await claimNext(dependencies, { ...lease, from, ...(await underWay.capacity()) });
    if (claimed.deliveries.length > 0) yielding.claimed(partner, claimed.isMore);
    return claimed;
  };
  const rounds = startRounds(async () => restAfter(await round(dependencies, underWay, claim)));
  return {
    wake: () => {
      rounds.wake();
    },
    stop: async () => {
      await rounds.stop();
      await underWay.ended();
    },
  };
}

/** Those that no partner of the list stands for. */
const LEFTOVER = '';

/** Interval at which what waits is looked through. */
const WAITING_CHECK_MS = 60_000;

const PAUSE = { firstMs: 100, longestMs: 5_000 };

/** Rest of a partner of whom nothing is due; the look ends it, or what is kept here. */
const IDLE_MS = 60_000;
/** Wait for those behind a delivery of their subject that is under way. */
const SOON_MS = 100;

/** Rests between rounds: none after work, long when idle, growing with jitter while a server is away. */
function createRests(): (after: Round) => Rest {
  let failures = 0;
  return (after) => {
    if (after === 'temporal-away' || after === 'failed') {
      const ms = backOffMs(PAUSE, failures, Math.random());
      failures += 1;
      return { ms, isPause: true };
    }
    failures = 0;
    return { ms: { idle: IDLE_MS, 'more-soon': SOON_MS, busy: 0 }[after] };
  };
}

/** Claims a batch and begins with it. Waits for it only while a server is away, so that one round follows another slowly. */
async function round(
  dependencies: DispatchDependencies,
  underWay: UnderWay,
  claim: () => Promise<Claimed>,
): Promise<Round> {
  try {
    const { deliveries, isMore, isMoreSoon } = await claim();
    if (deliveries.length > 0) underWay.add(deliveries, (onRecorded) => dispatch(dependencies, deliveries, onRecorded));
    const trouble = await underWay.trouble();
    if (trouble !== null) return trouble;
    if (isMore) return 'busy';
    return isMoreSoon ? 'more-soon' : 'idle';
  } catch (error) {
    return failed(dependencies, error);
  }
}

async function dispatch(
  dependencies: DispatchDependencies,
  deliveries: readonly DecodedDelivery[],
  onRecorded: (claims: readonly Claim[]) => void,
): Promise<'done' | 'temporal-away' | 'failed'> {
  try {
    return await dispatchBatch(dependencies, deliveries, onRecorded);
  } catch (error) {
    await giveBackFailed(dependencies, deliveries);
    return failed(dependencies, error);
  }
}

function failed({ logger }: DispatchDependencies, error: unknown): 'failed' {
  const message = isDatabaseAway(error)
    ? 'dispatch waits: the database is away'
    : 'a round of dispatch failed, what it had claimed is tried again';
  logger.warn({ failure: failureCode(error) }, message);
  return 'failed';
}

/** Short, because the database has mostly come back by then; with jitter, or all would come back together. */
const FAILED_BATCH_WAIT_MS = 500;

/** Without this the claims of a failed batch would wait for the end of their lease. */
async function giveBackFailed(
  { database, logger }: DispatchDependencies,
  deliveries: readonly DecodedDelivery[],
): Promise<void> {
  const retryMs = Math.round(FAILED_BATCH_WAIT_MS * (0.5 + Math.random()));
  try {
    await release(
      database,
      deliveries.map(({ claim }) => ({ claim, retryMs, problem: null })),
    );
  } catch (error) {
    const failure = failureCode(error);
    logger.debug({ failure, waiting: deliveries.length }, 'claims wait for the end of their lease');
  }
}
