#!/usr/bin/env node
import { Command, CommanderError, Option } from 'commander';

import { EXIT, type ExitCode } from './commands/exit-codes';
import { addExpect } from './commands/expect-commands';
import { addFindCommands } from './commands/find-commands';
import { addBook, addLedgerCommands } from './commands/ledger-commands';
import { addMessageCommands } from './commands/message-commands';
import { addOutboxCommands } from './commands/outbox-commands';
import { addPrivacyCommands } from './commands/privacy-commands';
import { addAccountCommands, addOperatorCommands, reason } from './commands/operator-commands';
import { endProcessSoon } from './commands/end-process';
import { addFilter, type FilterOptions, type Finish, JSON_OPTION } from './commands/options';
import { complain } from './commands/output';
import { addRejectedCommands } from './commands/rejected-commands';
import { addReplayCommand } from './commands/replay-command';
import type { RetryDeliveriesOptions } from './commands/retry';

/** Commands that run the parts of partnerflow; each is loaded when it is called, so that a listing starts fast. */
function addProcesses(program: Command, finish: Finish): void {
  program
    .command('setup')
    .description('create or update tables, namespace and search attributes; may be repeated')
    .option('--contract', 'also take from the database what release 0.2.0 needs, once none of its processes runs')
    .addOption(
      new Option(
        '--activate <part>',
        'begin what no process of an earlier release knows, once none of them runs',
      ).choices(['corporate-actions']),
    )
    .action(async (options: { readonly contract?: boolean; readonly activate?: 'corporate-actions' }) =>
      finish(await (await import('./commands/processes.js')).setup(options)),
    );
  program
    .command('receive')
    .description('receive webhooks, keep them, hand them to workflows; serve the operations API')
    .action(async () => finish(await (await import('./commands/processes.js')).receive()));
  program
    .command('dispatch')
    .description('dispatch what receivers keep, beside them or, with RECEIVER_DISPATCH=off, in their place')
    .action(async () => finish(await (await import('./commands/processes.js')).dispatch()));
  program
    .command('work')
    .description('run workflows and read objects from partners')
    .action(async () => finish(await (await import('./commands/processes.js')).work()));
  program
    .command('dev')
    .description('all parts with servers and simulated partners of their own, left running')
    .action(async () => {
      await (await import('./development/dev.js')).runDev();
      finish(EXIT.done);
    });
  program
    .command('demo')
    .description('the main job on real parts: partners misbehave by script, every flow has to end as its script says')
    .option('--keep', 'leave all running')
    .action(async ({ keep }: { keep?: boolean }) =>
      finish(await (await import('./development/demo.js')).runDemo({ keep: keep === true })),
    );
}

/** Commands that show. */
function addListings(program: Command, finish: Finish): void {
  program
    .command('balance')
    .description('is every delivery accounted for? exit code 1 if not')
    .option('--audit', 'count the rows of all days again first, day by day; exit code 1 if a count differs')
    .option(...JSON_OPTION)
    .action(async (options: { json?: boolean; audit?: boolean }) =>
      finish(await (await import('./commands/balance.js')).balance(options)),
    );
  const overdue = program
    .command('overdue')
    .description('flows for which something owed has not come in time; exit code 1 if there are any')
    .option(...JSON_OPTION);
  addFilter(overdue, 'in their state').action(async (options: FilterOptions & { json?: boolean }) =>
    finish(await (await import('./commands/listings.js')).overdue(options)),
  );
  const unread = program
    .command('unread')
    .description('deliveries with fields that decide nothing and could not be read')
    .option(...JSON_OPTION);
  addFilter(unread, 'received').action(async (options: FilterOptions & { json?: boolean }) =>
    finish(await (await import('./commands/listings.js')).unread(options)),
  );
  const parked = program
    .command('parked')
    .description('deliveries that were kept and not understood, with their problem; exit code 1 if there are any')
    .option(...JSON_OPTION);
  addFilter(parked, 'received').action(async (options: FilterOptions & { json?: boolean }) =>
    finish(await (await import('./commands/listings.js')).parked(options)),
  );
  addRejectedCommands(program, finish);
  program
    .command('flow')
    .description('all that is known of one flow')
    .argument('<workflow id>', '<partner>:<object>:<id>')
    .option(...JSON_OPTION)
    .action(async (id: string, options: { json?: boolean }) =>
      finish(await (await import('./commands/listings.js')).flow(id, options)),
    );
  program
    .command('object')
    .description("the partner's whole answer to the last read of an object, on standard output; who asks is kept")
    .argument('<workflow id>', '<partner>:<object>:<id>')
    .option(...JSON_OPTION)
    .action(async (id: string, options: { json?: boolean }) =>
      finish(await (await import('./commands/read-object.js')).readObject(id, options)),
    );
}

/** Commands that change something. */
function addActions(program: Command, finish: Finish): void {
  const retry = program
    .command('retry')
    .description('give parked deliveries to dispatch again')
    .argument('[delivery id...]')
    .option('--all', 'every parked delivery, or every one that the filter names');
  addFilter(retry, 'received')
    .option('--dry-run', 'only say which')
    .option('--accept-old', 'let in what is parked because its signature was too old')
    .option('--accept', 'let in what was kept although its signature is wrong (signature-observed)')
    .option('--reason <text>', 'why it is let in; kept in the audit', reason)
    .action(async (ids: string[], options: RetryDeliveriesOptions) =>
      finish(await (await import('./commands/retry.js')).retry(ids, options)),
    );
  addExpect(program, finish);
  addBook(program, finish);
  const policies = program
    .command('policy')
    .description('the due times, ladders and waits in force; needs no server')
    .option('--json', 'as JSON, in milliseconds')
    .action(async (options: { json?: boolean }) => finish((await import('./commands/policy.js')).policy(options)));
  policies
    .command('apply')
    .description('running flows take over the policy in force')
    .option('--filter <query>', 'only these, by a visibility query of Temporal such as: WorkflowType = "order"')
    .option('--dry-run', 'only say which')
    .exitOverride()
    .action(async (options: { filter?: string; dryRun?: boolean }) =>
      finish(await (await import('./commands/policy-apply.js')).policyApply(options)),
    );
}

/** Exit code after an error, which is reported in a sentence: an operator gets no stack trace. */
async function codeOf(error: unknown): Promise<ExitCode> {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.wrongUse;
  const { message, code } = (await import('./commands/failure.js')).failureOfCommand(error);
  complain(message);
  return code;
}

async function main(): Promise<void> {
  // `partnerflow parked | head` closes our output: that is no failure. Any other, such as a full disk, is no server's absence.
  process.stdout.on('error', (error: NodeJS.ErrnoException) =>
    process.exit(error.code === 'EPIPE' ? undefined : EXIT.wrongUse),
  );
  const program = new Command('partnerflow')
    .description('Webhooks of financial partners, kept, followed by Temporal workflows, accounted for.')
    .addHelpText(
      'after',
      '\nExit codes: 0 done or nothing to see, 1 found something, unknown id or a mistake of ours, 2 wrong use or configuration, 3 a server is away.',
    )
    .exitOverride();
  const finish: Finish = (code) => {
    process.exitCode = code;
  };
  addListings(program, finish);
  addFindCommands(program, finish);
  addLedgerCommands(program, finish);
  addActions(program, finish);
  addOperatorCommands(program, finish);
  addOutboxCommands(program, finish);
  addMessageCommands(program, finish);
  addPrivacyCommands(program, finish);
  addAccountCommands(program, finish);
  addReplayCommand(program, finish);
  addProcesses(program, finish);
  for (const command of program.commands) command.exitOverride();
  try {
    await program.parseAsync();
  } catch (error) {
    process.exitCode = await codeOf(error);
    endProcessSoon();
  }
}

void main();
