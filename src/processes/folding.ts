import type { Kysely } from 'kysely';

import { startRounds } from '../lib/rounds';
import { foldAlerts, tellAlerts } from '../store/outbox/alerts';
import type { Tables } from '../store/schema/tables';
import { foldCounts } from '../store/stats/fold';
import type { Housekeeping } from './housekeeping';

const FOLD_EVERY_MS = 1_000;
const RETRY_MS = 5_000;

/**
 * Folding of changes into counts, and of causes into alerts, which are told once their window is over, again and again. Several processes may do it at once, and
 * while none does, what is read stays right.
 */
export function startFolding(database: Kysely<Tables>): Housekeeping {
  return startRounds(async (stop) => {
    try {
      while (!stop.aborted && (await foldCounts(database)) > 0);
      while (!stop.aborted && (await foldAlerts(database)) > 0);
      while (!stop.aborted && (await tellAlerts(database)) > 0);
      return { ms: FOLD_EVERY_MS };
    } catch {
      // Housekeeping tells that the database is away.
      return { ms: RETRY_MS };
    }
  });
}
