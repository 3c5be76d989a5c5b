import { type Command, InvalidArgumentError } from 'commander';

import { type Finish, JSON_OPTION, time } from './options';
import type { ReportOptions } from './report';
import type { FindOptions } from './find';

function limit(given: string): number {
  const value = Number(given);
  if (/^[1-9]\d{0,2}$/.test(given) && value <= 500) return value;
  throw new InvalidArgumentError('expected a whole number from 1 to 500.');
}

/** Commands that find things, and tell of a window of time. */
export function addFindCommands(program: Command, finish: Finish): void {
  program
    .command('find')
    .description('subjects, deliveries, movements, obligations by one text; exit code 1 if there are none')
    .argument('<text>', "a user's id, our reference, a transaction's id, or a partner's id or its beginning")
    .option('--limit <n>', 'so many of each', limit, 20)
    .option(...JSON_OPTION)
    .action(async (text: string, options: FindOptions) =>
      finish(await (await import('./find.js')).find(text, options)),
    );
  program
    .command('report')
    .description(
      'what came in a window, and what was lost, recovered, late, and is still owed; exit code 1 if anything is missing or waits',
    )
    .option('--partner <name>', 'of this partner')
    .requiredOption('--from <time>', 'from then on, such as 2026-11-30 or 2026-11-30T08:00Z', time)
    .option('--to <time>', 'before then; now without', time)
    .option(...JSON_OPTION)
    .action(async (options: ReportOptions) => finish(await (await import('./report.js')).report(options)));
}
