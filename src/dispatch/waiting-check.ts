import { type Rounds, startRounds } from '../lib/rounds';
import { queueMissing } from '../store/deliveries/queue-missing';
import { alertStuck, returnWithKey } from '../store/deliveries/waiting';
import { failureCode } from '../temporal/errors';
import type { DispatchDependencies } from './batch';
import { BODY_KEY } from './failure';

type WaitingDependencies = Pick<DispatchDependencies, 'database' | 'encryption' | 'policies' | 'flows' | 'logger'>;

/**
 * Rounds over what waits beside dispatch: deliveries whose body key is configured again come back, and those that have
 * waited for an hour while Temporal answers are alerted as stuck. Several processes may run them at once.
 */
export function startWaitingCheck(dependencies: WaitingDependencies, everyMs: number): Rounds {
  const { logger } = dependencies;
  return startRounds(async () => {
    try {
      return { ms: (await checkWaiting(dependencies)) === 0 ? everyMs : 0 };
    } catch (error) {
      logger.debug({ failure: failureCode(error) }, 'what waits for dispatch could not be looked through yet');
      return { ms: everyMs };
    }
  });
}

/** One look at what waits; resolves to the number of deliveries that were changed. */
export async function checkWaiting({
  database,
  encryption,
  policies,
  flows,
  logger,
}: WaitingDependencies): Promise<number> {
  await queueMissing(database);
  const returned = await returnWithKey(database, BODY_KEY, encryption.knows);
  if (returned > 0) logger.info({ returned }, 'deliveries come back: the key of their bodies is configured again');
  if (await flows.isAway()) return returned;
  const stuck = await alertStuck(database, policies.alertWindowMs);
  if (stuck > 0) logger.error({ stuck }, 'deliveries have waited for dispatch for more than an hour');
  return returned + stuck;
}
