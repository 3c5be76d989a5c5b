import { complain } from './output';

/** Exit codes of commands; scripts rely on them. */
export const EXIT = {
  /** Done, or nothing to see. */
  done: 0,
  /** Something was found that wants an operator, or an id is not known. */
  found: 1,
  /** A mistake of ours, which needs a person as well: trying again does not help. */
  mistake: 1,
  /** Wrong use or configuration. */
  wrongUse: 2,
  /** It could not be done: a server is away. */
  away: 3,
} as const;

/** One of the codes in `EXIT`. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The exit code of a command that ends here, with a sentence on standard error. */
export function exitWith(code: ExitCode, sentence: string): ExitCode {
  complain(sentence);
  return code;
}
