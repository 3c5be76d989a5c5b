import { type Logger, pino } from 'pino';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * A logger of JSON lines on standard output. Log ids, counts and names of failures; never a body, a credential (also a
 * wrong one) or a query string.
 */
export function createLogger(level: LogLevel, process: 'receiver' | 'worker' | 'development'): Logger {
  return pino({ level, base: { process }, timestamp: pino.stdTimeFunctions.isoTime });
}
