import { type Command, InvalidArgumentError } from 'commander';

import { isPlainText } from '../domain/plain-text';
import { EXIT, type ExitCode, exitWith } from './exit-codes';
import { reason } from './operator-commands';
import { type Finish, JSON_OPTION } from './options';

interface EvidenceOptions {
  readonly json?: boolean;
  readonly output?: string;
  readonly subject?: string;
  readonly out?: string;
}

interface EraseOptions {
  readonly user: string;
  readonly partner?: string;
  readonly reason: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

function plain(given: string): string {
  if (isPlainText(given, 200)) return given;
  throw new InvalidArgumentError('expected an id of 1 to 200 characters without control characters.');
}

/** Commands for stored data: its evidence, its retention, its keys. */
export function addPrivacyCommands(program: Command, finish: Finish): void {
  program
    .command('evidence')
    .description(
      'verify the stored bytes of a delivery again; exit code 1 if they were altered. Or write all evidence of a subject into one file',
    )
    .argument('[delivery id]', 'as the answer to the webhook named it')
    .option('--subject <id>', 'instead: everything that is kept of a subject, by its workflow id, for an auditor')
    .option('--out <file>', 'of a subject: a new zip archive, readable by its owner alone')
    .option('--json', 'as JSON, as the operations API answers it; with body and headers')
    .option('--output <file>', 'write the JSON to a new file, readable by its owner alone')
    .action(async (id: string | undefined, options: EvidenceOptions) => finish(await runEvidence(id, options)));
  program
    .command('erase')
    .description(
      'remove what is kept of a person: bodies, personal headers, read objects, references, facts, data of messages; may be repeated',
    )
    .requiredOption('--user <id>', "the partner's id of the user; it stays, as a pseudonym", (given: string) =>
      plain(given),
    )
    .option('--partner <name>', 'only what this partner sent; else what any did')
    .requiredOption('--reason <text>', 'why; kept in the audit', reason)
    .option('--dry-run', 'only say how much, and what would be left')
    .option(...JSON_OPTION)
    .action(async (options: EraseOptions) => finish(await (await import('./erase.js')).erase(options)));
  program
    .command('retention')
    .description('remove bodies whose term (BODY_RETENTION) is over; rows and hashes stay; may be repeated')
    .option('--dry-run', 'only say how many')
    .option('--json', 'as JSON')
    .action(async (options: { dryRun?: boolean; json?: boolean }) =>
      finish(await (await import('./privacy.js')).retention(options)),
    );
  program
    .command('rotate-bodies')
    .description(
      'encrypt with the newest of BODY_ENCRYPTION_KEYS what another key encrypted, or none; may be stopped and repeated',
    )
    .action(async () => finish(await (await import('./privacy.js')).rotateBodies()));
  program
    .command('codec-server')
    .description('decrypt payloads for the Temporal Web UI; whoever reaches it reads them')
    .action(async () => finish(await (await import('./codec-server.js')).codecServer()));
}

/** Evidence of one delivery, or of one subject. */
async function runEvidence(id: string | undefined, options: EvidenceOptions): Promise<ExitCode> {
  const { subject, out, json, output } = options;
  if (id !== undefined && subject === undefined && out === undefined)
    return (await import('./evidence.js')).evidence(id, options);
  if (id === undefined && subject !== undefined && out !== undefined && json === undefined && output === undefined)
    return (await import('./subject-evidence.js')).subjectEvidence(subject, out);
  return exitWith(EXIT.wrongUse, 'Expected a delivery id, or --subject <id> with --out <file>, one of the two.');
}
