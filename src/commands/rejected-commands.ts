import type { Command } from 'commander';

import { type Finish, JSON_OPTION } from './options';
import { PARTNERS } from '../partners';

const WEBHOOK_VARIABLES = PARTNERS.modules.flatMap(({ variables: { webhooks, otherWebhooks = [] } }) => [
  webhooks,
  ...otherWebhooks,
]);

interface RetryOptions {
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** Commands for rejected requests, and for retrying those that a wrong key of ours rejected. */
export function addRejectedCommands(program: Command, finish: Finish): void {
  const rejected = program
    .command('rejected')
    .description('the newest requests that failed authentication')
    .option(...JSON_OPTION)
    .action(async (options: { json?: boolean }) => finish(await (await import('./listings.js')).rejected(options)));
  rejected
    .command('retry')
    .description('verify what was kept of refused requests again, with the keys configured now; keep what is authentic')
    .option('--dry-run', 'only say which')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      [
        '',
        `It needs the variables of the receivers: ${WEBHOOK_VARIABLES.join(', ')},`,
        'RECEIVER_PUBLIC_URL, BODY_ENCRYPTION_KEYS. What is authentic becomes a delivery of the time it was received. May be',
        'stopped, repeated and run twice at once. Kept are the newest 200 that showed a credential, up to 64 KiB each.',
        '',
        'Exit codes: 0 done or nothing to retry, 1 some are still not authentic or were altered in the database,',
        '2 some cannot be decrypted with the BODY_ENCRYPTION_KEYS configured (or wrong use), 3 the database is away.',
      ].join('\n'),
    )
    .exitOverride()
    // Both take --json, and wherever it stands it is this command that was asked.
    .action(async (_options: RetryOptions, command: Command) =>
      finish(await (await import('./rejected-retry.js')).rejectedRetry(command.optsWithGlobals<RetryOptions>())),
    );
}
