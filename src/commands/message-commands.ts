import { type Command, InvalidArgumentError } from 'commander';

import { TYPE_PATTERN } from '../domain/messages/wanted-types';
import type { MessagesOptions, ReplayMessagesOptions } from './messages';
import { type Finish, JSON_OPTION, time } from './options';

/** Commands for the feed of messages. */
export function addMessageCommands(program: Command, finish: Finish): void {
  const messages = program
    .command('messages')
    .description('every message of a change of state, the oldest first')
    .option('--after <cursor>', 'only what stands behind this place in the feed', cursor)
    .option('--type <type>', 'a type, <object>.* or *', pattern)
    .option('--subject <workflow id>', 'only of this subject')
    .option('--follow', 'go on with what comes, until stopped')
    .option(...JSON_OPTION)
    .action(async (options: MessagesOptions) => finish(await (await import('./messages.js')).messages(options)));
  messages
    .command('replay')
    .description('have the messages of a window of time sent again, each under its id')
    .requiredOption('--from <time>', 'numbered at or after it', time)
    .requiredOption('--to <time>', 'numbered before it', time)
    .option('--type <type>', 'a type, <object>.* or *', pattern, '*')
    .option('--dry-run', 'only count them')
    .option(...JSON_OPTION)
    .exitOverride()
    .action(async (_: unknown, command: Command) =>
      finish(await (await import('./messages.js')).replay(command.optsWithGlobals<ReplayMessagesOptions>())),
    );
}

function cursor(given: string): string {
  if (/^(0|[1-9]\d{0,17})$/.test(given)) return given;
  throw new InvalidArgumentError('expected the sequence of a message.');
}

function pattern(given: string): string {
  if (TYPE_PATTERN.test(given)) return given;
  throw new InvalidArgumentError('expected a type, <object>.* or *.');
}
