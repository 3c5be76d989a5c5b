import { type Command, InvalidArgumentError } from 'commander';

import { namedMoment } from '../domain/moments';
import { isPlainText } from '../domain/plain-text';

import type { ExitCode } from './exit-codes';

/** A function that takes the exit code of the command that was run. */
export type Finish = (code: ExitCode) => void;

/** The option of every command that shows what the operations API shows. */
export const JSON_OPTION = ['--json', 'as JSON, as the operations API answers it'] as const;

/** A moment as ISO 8601 UTC. A day is its beginning in UTC; what names no offset is refused, because nobody knows whose it is. */
export function time(given: string): string {
  const moment = namedMoment(given);
  if (moment === null) throw new InvalidArgumentError('expected a day, or a time with its offset.');
  return moment;
}

/** Filter that commands take as options; an absent one admits all. */
export interface FilterOptions {
  readonly partner?: string;
  readonly since?: string;
  readonly until?: string;
  readonly route?: string;
  readonly event?: string;
  readonly user?: string;
}

/** Options of a filter, added to a command; `since` and `until` are of the time that is named. */
export function addFilter(command: Command, of: string): Command {
  return command
    .option('--partner <name>', 'of this partner', text)
    .option('--since <time>', `${of} from then on, such as 2026-11-30 or 2026-11-30T08:00Z`, time)
    .option('--until <time>', `${of} before`, time)
    .option('--route <name>', 'by this route', text)
    .option('--event <name>', 'of this event', text)
    .option('--user <id>', "of this user's subjects", text);
}

function text(given: string): string {
  if (isPlainText(given, 200)) return given;
  throw new InvalidArgumentError('expected a text of 1 to 200 characters without control characters.');
}

/** Problem of a filter that names a partner which there is not; null where there is none. */
export function filterProblem({ partner }: FilterOptions, names: readonly string[]): string | null {
  if (partner === undefined || names.includes(partner)) return null;
  return `--partner: expected one of ${names.join(', ')}, found ${partner}`;
}

/** Filter alone, without the other options of the command. */
export function filterOf({ partner, since, until, route, event, user }: FilterOptions): FilterOptions {
  const all = { partner, since, until, route, event, user };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}
