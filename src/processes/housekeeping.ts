import type { Kysely } from 'kysely';
import type { Logger } from 'pino';

import { errorCode } from '../domain/error-code';
import { startRounds } from '../lib/rounds';
import type { ConfiguredPartner } from '../partners/partner-module';
import { connectionsBefore } from '../store/contract';
import { hasBodiesInRows, moveBodies } from '../store/deliveries/bodies-in-rows';
import { removeOverdue, type RetentionDays } from '../store/deliveries/retention';
import { removeOverdueDetails } from '../store/flows/details-retention';
import type { RecordDays } from '../domain/termed-records';
import { removeMessages } from '../store/messages/retention';
import { removeRecords } from '../store/record-retention';
import type { Tables } from '../store/schema/tables';
import { noteTrustedKeys } from '../store/deliveries/trusted-keys';
import { closeDay, countDaysOfBefore, daysToClose } from '../store/stats/recount';

/** Options of the receiver's housekeeping. */
export interface HousekeepingOptions {
  readonly database: Kysely<Tables>;
  readonly partners: readonly Pick<ConfiguredPartner, 'name' | 'trustedKeys'>[];
  readonly retentionDays: RetentionDays;
  readonly recordDays: RecordDays;
  /** Days for which messages are kept. */
  readonly messageDays: number;
  readonly everyMs: number;
  readonly retryMs: number;
  readonly logger: Logger;
}

/** Running housekeeping. */
export interface Housekeeping {
  /** End of housekeeping, after the batch under way. */
  stop(): Promise<void>;
}

/**
 * Housekeeping at the start and then again and again: a record of the keys that webhooks are verified with, the
 * removal of bodies whose retention is over, and the recount of days that are over. It needs nothing but the database,
 * so it runs in the receiver; several receivers may do it at once.
 */
export function startHousekeeping(options: HousekeepingOptions): Housekeeping {
  return startRounds(async (stop) => {
    try {
      await noteKeys(options);
      await moveBodiesOfBefore(options, stop);
      await removeBodies(options, stop);
      await removeOldRecords(options, stop);
      await removeOldMessages(options, stop);
      await closeDays(options, stop);
      return { ms: options.everyMs };
    } catch (error) {
      const failure = errorCode(error);
      options.logger.warn({ failure }, 'keys are not noted and bodies not removed yet: the database is away');
      return { ms: options.retryMs };
    }
  });
}

/** Keys noted as trusted now. The keys of a partner that is off stay as they are. */
async function noteKeys({ database, partners }: HousekeepingOptions): Promise<void> {
  for (const { name, trustedKeys } of partners) {
    const keys = trustedKeys();
    if (keys !== null) await noteTrustedKeys(database, name, keys);
  }
}

/**
 * Move of the bodies that release 0.2.0 has kept in the rows of facts, once none of its processes is connected any more: what it
 * shows of a delivery would be without a body.
 */
async function moveBodiesOfBefore({ database, logger }: HousekeepingOptions, stop: AbortSignal): Promise<void> {
  if (!(await hasBodiesInRows(database)) || (await connectionsBefore(database)) > 0) return;
  const moved = await moveBodies(database, 'decided', (movedSoFar) => {
    if (movedSoFar % REPORTED_ROWS === 0) logger.info({ moved: movedSoFar }, 'bodies of release 0.2.0 are being moved');
    return !stop.aborted;
  });
  if (moved > 0) logger.info({ moved }, 'moved the bodies of release 0.2.0 out of the rows of facts');
}

/** Number of moved bodies after which progress is logged. */
const REPORTED_ROWS = 50_000;

async function removeBodies(
  { database, retentionDays, logger }: HousekeepingOptions,
  stop: AbortSignal,
): Promise<void> {
  await removeOverdueDetails(database, retentionDays, () => !stop.aborted);
  for (const { partner, bodies, raws } of await removeOverdue(database, retentionDays, () => !stop.aborted)) {
    if (bodies + raws > 0) logger.info({ partner, bodies, raws }, 'removed bodies whose retention is over');
  }
}

async function removeOldRecords(
  { database, recordDays, logger }: HousekeepingOptions,
  stop: AbortSignal,
): Promise<void> {
  const removed = await removeRecords(database, recordDays, () => !stop.aborted);
  if (Object.values(removed).some((count) => count > 0)) logger.info(removed, 'removed records whose term is over');
}

async function removeOldMessages(
  { database, messageDays, logger }: HousekeepingOptions,
  stop: AbortSignal,
): Promise<void> {
  const removed = await removeMessages(database, messageDays, () => !stop.aborted);
  if (removed > 0) logger.info({ removed }, 'removed messages whose retention is over');
}

/** Number of days that one round recounts. */
const MOST_DAYS = 100;

/**
 * Recount of the days since when there were no counts, and of those that are over. A count that differs from its rows
 * is corrected, and the balance shows what is missing.
 */
async function closeDays({ database, logger }: HousekeepingOptions, stop: AbortSignal): Promise<void> {
  while (!stop.aborted && (await countDaysOfBefore(database)));
  for (const day of await daysToClose(database, MOST_DAYS)) {
    if (stop.aborted) return;
    for (const correction of await closeDay(database, day))
      logger.warn(correction, 'a count of deliveries differed from their rows and is corrected');
  }
}
