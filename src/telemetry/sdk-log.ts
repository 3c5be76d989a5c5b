import { DecryptionError } from '../store/encryption';

/** What the SDK knows of a line that may be logged: ids, types and counts. Its errors quote what was sent and read. */
const FIELDS = ['workflowId', 'runId', 'workflowType', 'activityType', 'attempt', 'taskQueue'] as const;

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** An error's name; of a payload that no key opens its message, which names the key that is missing and nothing else. */
function failureOf(error: Error): string {
  return error instanceof DecryptionError ? error.message : error.name;
}

/** The fields of a line of the SDK's that may be logged; of an error no more than its name. */
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

/** Warnings of what is meant: a worker for reads runs no workflows, and what became of an activity our own line says. */
const MEANT: ReadonlySet<string> = new Set([
  'Activity failed',
  'No workflows registered, not polling for workflow tasks',
]);

const LEVELS = { TRACE: 'trace', DEBUG: 'debug', INFO: 'debug', WARN: 'warn', ERROR: 'error' } as const;

/** How loud a line of the SDK's is to us: what it does is its own business until it warns. */
export function levelOf(level: keyof typeof LEVELS, message: string): (typeof LEVELS)[keyof typeof LEVELS] {
  return MEANT.has(message) ? 'debug' : LEVELS[level];
}
