import type { Database } from '../store/database';
import type { TemporalClient } from '../temporal/client';

/** Deadline of one call to Temporal, milliseconds. */
export const CALL_TIMEOUT_MS = 3_000;

/** True once the database answers; rejects where it does not. */
export async function databaseAnswers({ pool }: Database): Promise<boolean> {
  await pool.query('SELECT 1');
  return true;
}

/** True once Temporal answers; rejects where it does not. */
export async function temporalAnswers({ connection }: TemporalClient): Promise<boolean> {
  await connection.withDeadline(Date.now() + CALL_TIMEOUT_MS, () => connection.workflowService.getSystemInfo({}));
  return true;
}
