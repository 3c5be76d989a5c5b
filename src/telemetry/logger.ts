import { type Logger, pino } from 'pino';

/**
 * Logger of JSON lines on standard output. Log ids, counts and names of failures; never a body, a credential (also a
 * wrong one) or a query string.
 */
export function createLogger(
  level: string,
  process: 'receiver' | 'dispatcher' | 'worker' | 'codec-server' | 'development',
): Logger {
  return pino({ level, base: { process }, timestamp: pino.stdTimeFunctions.isoTime });
}
