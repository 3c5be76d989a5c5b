import type { ExitCode } from './exit-codes';

/** A function that takes the exit code of the command that was run. */
export type Finish = (code: ExitCode) => void;

/** The option of every command that shows what the operations API shows. */
export const JSON_OPTION = ['--json', 'as JSON, as the operations API answers it'] as const;
