import { type Command, Option } from 'commander';

import { OUTBOX_STATES, type OutboxState } from '../domain/outgoing';
import { type Finish, JSON_OPTION } from './options';

/** Commands for messages to our own backend. */
export function addOutboxCommands(program: Command, finish: Finish): void {
  const outbox = program
    .command('outbox')
    .description('messages to our own backend: waiting, sent, or dead, which were given up')
    .addOption(new Option('--state <state>', 'only in this state').choices(OUTBOX_STATES))
    .option(...JSON_OPTION)
    .action(async (options: { state?: OutboxState; json?: boolean }) =>
      finish(await (await import('./outbox.js')).outbox(options)),
    );
  outbox
    .command('retry')
    .description('have messages sent again that were given up')
    .argument('[id...]', 'as partnerflow outbox shows it')
    .option('--all', 'every message that was given up')
    .exitOverride()
    .action(async (ids: string[], options: { all?: boolean }) =>
      finish(await (await import('./retry.js')).outboxRetry(ids, options)),
    );
}
