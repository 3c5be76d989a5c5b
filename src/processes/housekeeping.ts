import type { Kysely } from 'kysely';
import type { Logger } from 'pino';

import { errorCode } from '../domain/error-code';
import type { ConfiguredPartner } from '../partners/partner-module';
import { startRounds } from '../lib/rounds';
import { removeOverdue, type RetentionDays } from '../store/deliveries/retention';
import type { Tables } from '../store/schema/tables';
import { noteTrustedKeys } from '../store/deliveries/trusted-keys';

/** What a receiver sees to beside receiving. */
export interface HousekeepingOptions {
  readonly database: Kysely<Tables>;
  readonly partners: readonly Pick<ConfiguredPartner, 'name' | 'trustedKeys'>[];
  readonly retentionDays: RetentionDays;
  readonly everyMs: number;
  readonly retryMs: number;
  readonly logger: Logger;
}

export interface Housekeeping {
  /** Finishes the batch under way. */
  stop(): Promise<void>;
}

/** Nothing is said of the keys of a partner that is off. */
async function noteKeys({ database, partners }: HousekeepingOptions): Promise<void> {
  for (const { name, trustedKeys } of partners) {
    const keys = trustedKeys();
    if (keys !== null) await noteTrustedKeys(database, name, keys);
  }
}

async function removeBodies(
  { database, retentionDays, logger }: HousekeepingOptions,
  stop: AbortSignal,
): Promise<void> {
  for (const { partner, bodies, raws } of await removeOverdue(database, retentionDays, () => !stop.aborted)) {
    if (bodies + raws > 0) logger.info({ partner, bodies, raws }, 'removed bodies whose retention is over');
  }
}

/**
 * Notes the keys that webhooks are verified with, and removes bodies whose term is over: at the start, then again and
 * again. It needs nothing but the database, so it runs where that is anyway; several receivers may do it at once.
 */
export function startHousekeeping(options: HousekeepingOptions): Housekeeping {
  return startRounds(async (stop) => {
    try {
      await noteKeys(options);
      await removeBodies(options, stop);
      return { ms: options.everyMs };
    } catch (error) {
      const failure = errorCode(error);
      options.logger.warn({ failure }, 'keys are not noted and bodies not removed yet: the database is away');
      return { ms: options.retryMs };
    }
  });
}
