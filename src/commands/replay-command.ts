import type { Command } from 'commander';

import type { Finish } from './options';
import type { ReplayOptions } from './replay';

/** The command that is run before a deploy. */
export function addReplayCommand(program: Command, finish: Finish): void {
  program
    .command('replay')
    .description('does this build go on from what running flows have done? exit code 1 names those it would stop')
    .argument('[file...]', 'histories as JSON, or folders of them')
    .option('--from-server', 'all open flows of the server')
    .option('--filter <query>', 'only these, by a visibility query of Temporal such as: WorkflowType = "order"')
    .option('--bundle <path>', 'workflow code to replay on; without it that of this build')
    .option('--json', 'as JSON')
    .action(async (files: string[], options: ReplayOptions) =>
      finish(await (await import('./replay.js')).replay(files, options)),
    );
}
