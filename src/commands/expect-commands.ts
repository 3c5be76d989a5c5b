import type { Command } from 'commander';

import { EXPECTATION_KINDS } from '../domain/expectation';
import { EXIT, type ExitCode, exitWith } from './exit-codes';
import { type Finish, JSON_OPTION } from './options';

interface Options {
  readonly file?: string;
  readonly kind?: string;
  readonly dueWithinSeconds?: string;
  readonly validUntil?: string;
  readonly amount?: string;
  readonly currency?: string;
  readonly reference?: string;
  readonly user?: string;
  readonly json?: boolean;
}

/** The command by which our own backend says what is owed of an object at a partner. */
export function addExpect(program: Command, finish: Finish): void {
  program
    .command('expect')
    .description('we created, cancelled or changed this object at the partner, or paid: its next notification is owed')
    .argument('[partner]', 'its name, as in routes')
    .argument('[object]', 'the middle word of the workflow id, such as order; of a payment its kind')
    .argument('[id]', "the partner's id of it; of a payment its reference")
    .option('--file <csv>', 'many at once: partner,object,id and optionally the words of these options, and userId')
    .option('--kind <word>', `${EXPECTATION_KINDS.join(', ')}; created where it is left out`)
    .option('--due-within-seconds <n>', "instead of the policy's first due time")
    .option('--valid-until <time>', 'end of the validity of an order: placed, it is due then')
    .option('--amount <decimal>', 'of a deposit or payout, compared with what comes')
    .option('--currency <word>', "its symbol such as EUR, or the partner's id of it")
    .option('--reference <text>', 'our own reference, by which it is found')
    .option('--user <id>', "the partner's id of the user, by which it is found")
    .option(...JSON_OPTION)
    .action(async (partner: string | undefined, object: string | undefined, id: string | undefined, options: Options) =>
      finish(await run({ partner, object, id }, options)),
    );
}

interface Words {
  readonly partner: string | undefined;
  readonly object: string | undefined;
  readonly id: string | undefined;
}

/** One object by its words, or a file of them. */
async function run({ partner, object, id }: Words, { file, json, user, ...options }: Options): Promise<ExitCode> {
  const commands = await import('./expect.js');
  if (file !== undefined && partner === undefined) return commands.expectFile(file);
  const isPayment = options.kind === 'deposit' || options.kind === 'payout';
  if (file === undefined && partner !== undefined && (isPayment || id !== undefined)) {
    return commands.expect({ ...options, partner, object, id, userId: user }, json === true);
  }
  return exitWith(EXIT.wrongUse, 'Expected <partner> <object> <id>, or --file, one of the two.');
}
