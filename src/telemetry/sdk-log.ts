import { DecryptionError } from '../store/encryption';

/** Fields of an SDK's line that may be logged: ids, types and counts. Its errors quote what was sent and read. */
const FIELDS = ['workflowId', 'runId', 'workflowType', 'activityType', 'attempt', 'taskQueue'] as const;

/** Fields of an SDK's line that may be logged; of an error no more than its name. */
export function sdkFields(meta: unknown): Readonly<Record<string, string | number>> {
  if (!isRecord(meta)) return {};
  const failure = meta.error instanceof Error ? { failure: failureOf(meta.error) } : {};
  const known = Object.fromEntries(
    FIELDS.flatMap((name) => {
      const value = meta[name] ?? meta[name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)];
      return typeof value === 'string' || typeof value === 'number' ? [[name, value]] : [];
    }),
  );
  return { ...known, ...failure };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/**
 * Name of an error. The message of a payload that no key decrypts names the missing key and nothing else, and is
 * logged.
 */
function failureOf(error: Error): string {
  return error instanceof DecryptionError ? error.message : error.name;
}

/**
 * Warnings about intended behaviour: a worker for reads runs no workflows, and our own line reports an activity's
 * failure.
 */
const EXPECTED_WARNINGS: ReadonlySet<string> = new Set([
  'Activity failed',
  'No workflows registered, not polling for workflow tasks',
]);

const LEVELS = { TRACE: 'trace', DEBUG: 'debug', INFO: 'debug', WARN: 'warn', ERROR: 'error' } as const;

/** Log level of an SDK's line. Below a warning its lines are details. */
export function levelOf(level: keyof typeof LEVELS, message: string): (typeof LEVELS)[keyof typeof LEVELS] {
  return EXPECTED_WARNINGS.has(message) ? 'debug' : LEVELS[level];
}
