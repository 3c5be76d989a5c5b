/** What the SDK knows of a line that may be logged: ids, types and counts. Its errors quote what was sent and read. */
const FIELDS = ['workflowId', 'runId', 'workflowType', 'activityType', 'attempt', 'taskQueue'] as const;

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** The fields of a line of the SDK's that may be logged. */
export function sdkFields(meta: unknown): Readonly<Record<string, string | number>> {
  if (!isRecord(meta)) return {};
  return Object.fromEntries(
    FIELDS.flatMap((name) => {
      const value = meta[name] ?? meta[name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)];
      return typeof value === 'string' || typeof value === 'number' ? [[name, value]] : [];
    }),
  );
}
