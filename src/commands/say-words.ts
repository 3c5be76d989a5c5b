import type { Word } from '../store/ledger/complete-through';
import { EXIT, type ExitCode, exitWith } from './exit-codes';
import { say } from './output';

/** Our word on each partner that a file names, said to the operator who gave it; a file without lines names none. */
export function sayWords(words: readonly Word[], completeThrough: string | null): ExitCode {
  if (completeThrough !== null && words.length === 0)
    return exitWith(
      EXIT.found,
      'The file names no partner, so that nothing is said to be complete: POST /operations/holdings/complete-through names one.',
    );
  for (const { partner, through } of words)
    say(`What is told of holdings at ${partner} is complete through ${through}.`);
  return EXIT.done;
}
