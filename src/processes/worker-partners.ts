import type { Kysely } from 'kysely';
import type { Logger } from 'pino';

import type { Configuration } from '../config/configuration';
import { errorCode } from '../domain/error-code';
import type { Partner } from '../domain/partner';
import { createReadBreaker } from '../partners/read-breaker';
import { raiseOutage } from '../store/outbox/alerts';
import type { Tables } from '../store/schema/tables';
import type { WorkerMetrics } from '../telemetry/worker-metrics';
import type { ReadPartner } from './worker-parts';

interface Watched {
  readonly metrics: WorkerMetrics;
  readonly database: Kysely<Tables>;
  readonly logger: Logger;
}

/**
 * Partners that are configured to be read, each behind a circuit breaker: one that is away is asked by probes, not by
 * every flow.
 */
export function readPartnersOf(configuration: Configuration, watched: Watched): readonly ReadPartner[] {
  const { partners, configuredPartners } = configuration;
  return configuredPartners.flatMap((configured): readonly ReadPartner[] => {
    const module = partners.module(configured.name);
    const client = configured.client();
    if (module === undefined || client === null) return [];
    const { metrics } = watched;
    const breaker = createReadBreaker(module.name, (subject) => {
      void tellOutage(watched, { partner: module.name, subject, windowMs: configuration.policies.alertWindowMs });
    });
    metrics.watchCircuit(module.name, breaker.state);
    const guarded = breaker.guard(client);
    return [{ ...module, client: { ...guarded, ...metrics.watchReader(module.name, guarded) } }];
  });
}

interface Outage {
  readonly partner: Partner;
  /** The last of the subjects that could not be read. */
  readonly subject: string;
  readonly windowMs: number;
}

/** One alert and one line for a whole outage; never rejects, because nobody waits for it. */
async function tellOutage({ database, logger }: Watched, { partner, subject, windowMs }: Outage): Promise<void> {
  logger.warn({ partner, workflowId: subject }, 'a partner is away, it is asked by probes alone');
  try {
    await raiseOutage(database, partner, windowMs);
  } catch (error) {
    logger.warn({ partner, failure: errorCode(error) }, 'the alert that a partner is away was not kept');
  }
}
