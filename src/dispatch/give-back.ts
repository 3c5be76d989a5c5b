import type { Kysely } from 'kysely';
import type { Logger } from 'pino';

import { type Claim, UNDER_WAY_WAIT_MS } from '../store/deliveries/due';
import { release } from '../store/deliveries/claims';
import type { Tables } from '../store/schema/tables';
import { refusalWaitMs } from '../temporal/errors';
import type { ReturnCause } from './decision';
import { BODY_KEY } from './failure';
import type { DispatchWatch } from './watch';

/** A claim that goes back, and why. */
export type ReturnedClaim = ReturnCause & { readonly claim: Claim };

interface ReturnDependencies {
  readonly database: Kysely<Tables>;
  readonly logger: Logger;
  readonly watch?: DispatchWatch;
}

/**
 * The return of claims: their deliveries stay pending, and are claimed again after a wait that depends on the cause.
 */
export async function giveBack(
  { database, logger, watch }: ReturnDependencies,
  returned: readonly ReturnedClaim[],
): Promise<void> {
  await release(
    database,
    returned.map((one) => ({
      claim: one.claim,
      retryMs: retryMs(one),
      problem: one.reason === 'failed' ? one.problem : null,
    })),
  );
  const failed = returned.filter((one) => one.reason === 'failed');
  const away = returned.filter((one) => one.reason === 'away');
  if (failed.length > 0)
    watch?.returned(
      failed.map(({ claim, problem }) => ({ claim, problem })),
      'refused',
    );
  if (away.length > 0)
    watch?.returned(
      away.map(({ claim }) => ({ claim, problem: null })),
      'away',
    );
  logUndecryptable(logger, failed);
  logAway(logger, away);
}

/** Wait in milliseconds before the next try. That of a failing one grows; that of Temporal is the dispatcher's pause. */
function retryMs(one: ReturnedClaim): number {
  switch (one.reason) {
    case 'failed':
      return refusalWaitMs(one.claim.refusals);
    case 'behind':
      return UNDER_WAY_WAIT_MS;
    case 'away':
    case 'unsent':
      return 0;
  }
}

function logUndecryptable(logger: Logger, failed: readonly Extract<ReturnedClaim, { reason: 'failed' }>[]): void {
  const waiting = failed.filter(({ problem }) => problem.path === BODY_KEY);
  const [first] = waiting;
  if (first === undefined) return;
  const { expected, found: reason } = first.problem;
  logger.error(
    { expected, reason, deliveryId: first.claim.id, waiting: waiting.length },
    'deliveries wait: their bodies cannot be decrypted with BODY_ENCRYPTION_KEYS',
  );
}

function logAway(logger: Logger, away: readonly Extract<ReturnedClaim, { reason: 'away' }>[]): void {
  const [first] = away;
  if (first === undefined) return;
  logger.warn({ failure: first.failure, waiting: away.length }, 'dispatch waits: Temporal is away');
}
