import { InvalidArgumentError } from 'commander';

import type { ExitCode } from './exit-codes';

/** A function that takes the exit code of the command that was run. */
export type Finish = (code: ExitCode) => void;

/** The option of every command that shows what the operations API shows. */
export const JSON_OPTION = ['--json', 'as JSON, as the operations API answers it'] as const;

/** A moment as ISO 8601 UTC. A day is its beginning in UTC; what names no offset is refused, because nobody knows whose it is. */
export function time(given: string): string {
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(given);
  const isMoment = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/.test(given);
  const ms = isDay || isMoment ? Date.parse(given) : Number.NaN;
  if (Number.isNaN(ms)) throw new InvalidArgumentError('expected a day, or a time with its offset.');
  return new Date(ms).toISOString();
}
