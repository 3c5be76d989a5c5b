import { type Command, InvalidArgumentError, Option } from 'commander';

import { BOOKED_KINDS, type BookedKind } from '../domain/booking';
import { momentField } from '../codecs/holdings';
import { PARTNERS } from '../partners';
import type { Partner } from '../domain/partner';
import { isPlainText } from '../domain/plain-text';
import { OBLIGATION_STATES, type ObligationState } from '../domain/obligation';
import { type Finish, JSON_OPTION } from './options';

const LONGEST_REFERENCE = 200;
const LONGEST_REASON = 500;

/** A text an operator gives, as the operations API takes it. */
function textUpTo(longest: number): (given: string) => string {
  return (given) => {
    if (given.trim() !== '' && isPlainText(given, longest)) return given;
    throw new InvalidArgumentError(`expected 1 to ${longest} characters without control characters.`);
  };
}

/** A moment as the store holds it. */
function moment(given: string): string {
  const read = momentField.read(given);
  if (read !== null) return read;
  throw new InvalidArgumentError(`expected ${momentField.expected}.`);
}

/** Our word for each partner of an imported file. */
const COMPLETE_THROUGH = [
  '--complete-through <time>',
  'our word that all openings and trades up to this time are told, for each partner of the file',
  moment,
] as const;

function ofWhom(command: Command): Command {
  return command
    .addOption(new Option('--partner <partner>', 'only at this partner').choices(PARTNERS.names))
    .option('--user <id>', 'only of this user');
}

interface WhoseOptions {
  readonly partner?: Partner;
  readonly user?: string;
  readonly json?: boolean;
}

function addPositions(program: Command, finish: Finish): void {
  const positions = ofWhom(program.command('positions'))
    .description('what users hold, from imported openings and booked movements')
    .option(...JSON_OPTION)
    .action(async (options: WhoseOptions) => finish(await (await import('./positions.js')).positions(options)));
  positions
    .command('import')
    .description(
      'what users held at a moment, from a CSV file in UTF-8 with the header partner,userId,instrument,amount,asOf: all lines or none; may be repeated',
    )
    .argument('<file.csv>')
    .option(...COMPLETE_THROUGH)
    .addHelpText(
      'after',
      [
        '',
        'instrument  asset:<UUID or integer> or fiat:<UUID or integer>',
        'amount      a plain decimal such as 12.5; 0 says that nothing was held',
        'asOf        ISO 8601, such as 2026-01-31T00:00:00Z; without an offset it is UTC, without a time midnight',
        '',
        'Movements credited at or after asOf are counted on top. The same line again changes nothing; another amount for the',
        'same partner, userId, instrument and asOf is a bad line. Exit code 1 with a bad line: each is named, nothing is imported.',
      ].join('\n'),
    )
    .exitOverride()
    .action(async (path: string, options: { completeThrough?: string }) =>
      finish(await (await import('./positions-import.js')).importPositions(path, options)),
    );
}

function addTrades(program: Command, finish: Finish): void {
  program
    .command('trades')
    .description('what our own backend traded for users, of which the partner says nothing')
    .exitOverride()
    .command('import')
    .description(
      'own trades from a CSV file in UTF-8 with the header partner,userId,instrument,amount,tradedAt,reference: all lines or none; may be repeated',
    )
    .argument('<file.csv>')
    .option(...COMPLETE_THROUGH)
    .addHelpText(
      'after',
      [
        '',
        'instrument  asset:<UUID or integer> or fiat:<UUID or integer>',
        'amount      a plain decimal such as 12.5, with - before what is sold',
        'tradedAt    ISO 8601, such as 2026-01-31T09:30:00Z; without an offset it is UTC, without a time midnight',
        'reference   of the trade in our own books; a trade is told once under it',
        '',
        'The same line again changes nothing; something else under a reference is a bad line. A trade of before what was said',
        'to be complete is taken, and alerted. Exit code 1 with a bad line: each is named, nothing is imported.',
      ].join('\n'),
    )
    .exitOverride()
    .action(async (path: string, options: { completeThrough?: string }) =>
      finish(await (await import('./trades-import.js')).importTrades(path, options)),
    );
}

function addObligations(program: Command, finish: Finish): void {
  const obligations = ofWhom(program.command('obligations'))
    .description('money of corporate actions that is to be passed on to users')
    .addOption(new Option('--state <state>', 'only in this state').choices(OBLIGATION_STATES))
    .option(...JSON_OPTION)
    .action(async (options: WhoseOptions & { state?: ObligationState }) =>
      finish(await (await import('./obligations.js')).obligations(options)),
    );
  obligations
    .command('paid')
    .description('an obligation was passed on to its user; may be repeated')
    .argument('<id>', 'as partnerflow obligations shows it')
    .requiredOption('--reference <text>', 'of the payment, in our own books', textUpTo(LONGEST_REFERENCE))
    .exitOverride()
    .action(async (id: string, options: { reference: string }) =>
      finish(await (await import('./obligations.js')).obligationPaid(id, options)),
    );
}

/** Command that books an event whose kind is unknown. */
export function addBook(program: Command, finish: Finish): void {
  program
    .command('book')
    .description('book a parked delivery whose kind is unknown, as an asset or as money; a dispatcher does it at once')
    .argument('<delivery id>')
    .addOption(new Option('--as <kind>', 'what it moves').choices(BOOKED_KINDS).makeOptionMandatory())
    .requiredOption('--reason <text>', 'why, kept in the audit', textUpTo(LONGEST_REASON))
    .action(async (id: string, options: { as: BookedKind; reason: string }) =>
      finish(await (await import('./book.js')).book(id, options)),
    );
}

/** Commands that show the ledger and what is judged from it, and those by which an operator adds to it. */
export function addLedgerCommands(program: Command, finish: Finish): void {
  addPositions(program, finish);
  addTrades(program, finish);
  addObligations(program, finish);
  program
    .command('corporate-action')
    .description("a corporate action: every holder's movements, verdict and what is missing; exit code 1 with a break")
    .argument('<caId>', "the partner's id of it")
    .option(...JSON_OPTION)
    .option('--csv', 'as CSV, one line for each holder')
    .action(async (caId: string, options: { json?: boolean; csv?: boolean }) =>
      finish(await (await import('./corporate-action.js')).corporateAction(caId, options)),
    );
  program
    .command('reverse')
    .description('take back what an event booked, by movements of the opposite sign; may be repeated')
    .argument('<partner>', 'its name, as in routes')
    .argument('<transactionId>', "the partner's id of the event")
    .requiredOption('--reason <text>', 'why, kept with the movement', textUpTo(LONGEST_REASON))
    .option('--leg <leg>', 'only this leg, such as asset or fiat')
    .option(...JSON_OPTION)
    .action(async (partner: string, transactionId: string, options: { reason: string; leg?: string; json?: boolean }) =>
      finish(await (await import('./reverse.js')).reverse(partner, transactionId, options)),
    );
}
