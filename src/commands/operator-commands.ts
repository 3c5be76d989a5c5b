import { type Command, InvalidArgumentError, Option } from 'commander';

import { LONGEST_EXTENSION_SECONDS, LONGEST_REASON, RESULTS } from '../domain/operator-request';
import { isPlainText } from '../domain/plain-text';
import type { ExitCode } from './exit-codes';
import { type Finish, JSON_OPTION } from './options';
import type { FlowAction } from '../operator/actions';
import type { AuditOptions } from './audit';
import type { OperateOptions } from './operate';

function seconds(given: string): number {
  const value = Number(given);
  if (value > 0 && value <= LONGEST_EXTENSION_SECONDS) return value;
  throw new InvalidArgumentError(`expected a number above 0, at most ${LONGEST_EXTENSION_SECONDS}.`);
}

/** Reason of an operator, as it is kept in the audit. */
export function reason(given: string): string {
  if (given.trim() !== '' && isPlainText(given, LONGEST_REASON, 'lines')) return given;
  throw new InvalidArgumentError(`expected a text of 1 to ${LONGEST_REASON} characters without control characters.`);
}

function add(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(`${description}; reaches the running flow, so a worker has to run`)
    .argument('[workflow id...]', '<partner>:<object>:<id>')
    .requiredOption('--reason <text>', 'why; kept with who asked', reason)
    .option('--filter <words>', 'all open flows of these words, such as overdue=true,lifecycle=order')
    .option('--dry-run', 'only say which');
}

async function run(ids: readonly string[], action: FlowAction, options: OperateOptions): Promise<ExitCode> {
  return (await import('./operate.js')).operate(ids, action, options);
}

/** Commands by which an operator acts on flows: one, several, or all that a filter names. */
export function addOperatorCommands(program: Command, finish: Finish): void {
  add(program, 'refetch', 'read the object at the partner now').action(async (ids: string[], options: OperateOptions) =>
    finish(await run(ids, { kind: 'refetch' }, options)),
  );
  add(program, 'extend', 'give the partner more time')
    .requiredOption('--seconds <n>', 'what is owed is due so many seconds from now', seconds)
    .action(async (ids: string[], options: OperateOptions & { readonly seconds: number }) =>
      finish(await run(ids, { kind: 'extend', seconds: options.seconds }, options)),
    );
  add(program, 'resolve', 'end the flow by hand; its state stays what the partner said last')
    .addOption(new Option('--result <result>', 'how it was dealt with').choices(RESULTS).default('done'))
    .action(async (ids: string[], options: OperateOptions & { readonly result: 'done' | 'failed' }) =>
      finish(await run(ids, { kind: 'resolve', result: options.result }, options)),
    );
}

/** Commands by which an operator finds and repairs what went wrong outside, and looks up who did what. */
export function addAccountCommands(program: Command, finish: Finish): void {
  program
    .command('reconcile')
    .description(
      'name flows that were terminated, reset or cancelled outside, rows without a flow and flows without a row, and mend what is safe; exit code 1 if there are any',
    )
    .option('--dry-run', 'only say what is wrong')
    .option('--every-flow', 'ask each running flow whether its row is the one it knows; after a restored database')
    .option('--json', 'as JSON')
    .action(async (options: { dryRun?: boolean; everyFlow?: boolean; json?: boolean }) =>
      finish(await (await import('./reconcile.js')).reconcile(options)),
    );
  addAudit(program.command('audit'), 'what operators did, the newest first: who, when, to what, why', finish);
  addAudit(program.command('deeds'), 'the same as audit', finish);
}

function addAudit(command: Command, description: string, finish: Finish): void {
  command
    .description(description)
    .option('--target <id>', 'a workflow id, a delivery id, or another that something was done to')
    .option('--by <name>', "the name of a token, or a user's at the command line")
    .option('--action <word>', 'such as resolve or retry')
    .option(...JSON_OPTION)
    .action(async (options: AuditOptions) => finish(await (await import('./audit.js')).audit(options)));
}
