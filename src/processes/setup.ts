import type { Configuration } from '../config/configuration';
import { setUpTemporal } from '../temporal/setup';
import { openDatabase } from '../store/database';
import { migrate } from '../store/migrate';
import { openTemporalClient } from '../temporal/client';

/** An index of a large table takes long; but whoever waits for a lock makes all others wait behind it. */
const LIMITS = { queryTimeoutMs: 86_400_000, lockTimeoutMs: 4_000 };

/**
 * Set-up of `partnerflow setup`: tables, namespace, search attributes. Idempotent. False where the server did not let
 * us look at its search attributes.
 */
export async function runSetup(configuration: Configuration): Promise<boolean> {
  const database = openDatabase({ url: configuration.databaseUrl, poolSize: 2, ...LIMITS });
  const temporal = openTemporalClient(configuration);
  try {
    await migrate(database.kysely);
    return await setUpTemporal(temporal.connection, configuration.temporal.namespace);
  } finally {
    await temporal.close();
    await database.close();
  }
}
