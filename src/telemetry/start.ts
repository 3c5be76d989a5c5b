import type { Logger } from 'pino';

import { NOT_TRACING, type Tracing, type TracingConfiguration } from './tracing';

/** Tracing of a process; the library is loaded only where a collector is configured. */
export async function tracingOf(
  configuration: TracingConfiguration | null,
  process: 'receiver' | 'dispatcher' | 'worker',
  logger: Logger,
): Promise<Tracing> {
  if (configuration === null) return NOT_TRACING;
  const { startTracing } = await import('./open-telemetry.js');
  return startTracing(configuration, `partnerflow-${process}`, logger);
}
