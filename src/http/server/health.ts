import { setTimeout as delay } from 'node:timers/promises';

import Router from '@koa/router';
import type { Registry } from 'prom-client';

/** Checks behind `/health/ready`, and the metrics behind `/metrics`. */
export interface HealthChecks {
  /** Rejects or answers false when the database cannot be used; bounded by the caller's own time-outs. */
  readonly database: () => Promise<boolean>;
  readonly temporal: () => Promise<boolean>;
  readonly registry: Registry;
}

const LONGEST_CHECK_MS = 4_500;

/** False when the check fails or takes too long: a probe must be answered while what it asks for hangs. */
async function passes(check: () => Promise<boolean>): Promise<boolean> {
  try {
    return await Promise.race([check(), delay(LONGEST_CHECK_MS, false, { ref: false })]);
  } catch {
    return false;
  }
}

/** The routes `/health/live`, `/health/ready` (the database is required, Temporal only reported) and `/metrics`. */
export function createHealth(checks: HealthChecks): ReturnType<Router['routes']> {
  const router = new Router();
  router.get('/health/live', (context) => {
    context.body = { status: 'live' };
  });
  router.get('/health/ready', async (context) => {
    const [database, temporal] = await Promise.all([passes(checks.database), passes(checks.temporal)]);
    context.status = database ? 200 : 503;
    context.body = { status: database ? 'ready' : 'not ready', database, temporal };
  });
  router.get('/metrics', async (context) => {
    context.type = checks.registry.contentType;
    context.body = await checks.registry.metrics();
  });
  return router.routes();
}
