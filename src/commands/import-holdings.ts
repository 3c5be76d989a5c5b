import type { Word } from '../store/ledger/complete-through';
import type { LineSource } from '../store/ledger/line-import';
import { type OperatorContext, withStore } from './context';
import { EXIT, type ExitCode, exitWith } from './exit-codes';
import { type HoldingsFile, isFile, readHoldings } from './holdings-file';
import { counted, say } from './output';

/** Options of an import. */
export interface ImportOptions {
  /** Our word for each partner of the file. */
  readonly completeThrough?: string;
}

/** Result of an import. */
export interface Imported {
  readonly lines: number;
  readonly fresh: number;
  readonly words: readonly Word[];
}

/** Import of one kind of file. */
export interface HoldingsImport<Name extends string, Told, Result extends Imported> {
  readonly file: HoldingsFile<Name, Told>;
  /** Word for a line of before, in a conflict with it: `imported`. */
  readonly told: string;
  /** Writes all lines, with our word, or none: null. */
  readonly write: (
    context: OperatorContext,
    source: LineSource<Told>,
    through: string | null,
  ) => Promise<Result | null>;
  /** Work that follows from the lines, and what is said of it. */
  readonly after: (context: OperatorContext, result: Result) => Promise<void> | void;
}

/** A million lines are compared with each other in one statement. */
const QUERY_TIMEOUT_MS = 600_000;

/** Import of a file that tells of holdings: all its lines or none, and our word on each partner it names. */
export async function importHoldings<Name extends string, Told, Result extends Imported>(
  { file, told, write, after }: HoldingsImport<Name, Told, Result>,
  path: string,
  { completeThrough = null }: { readonly completeThrough?: string | null },
): Promise<ExitCode> {
  if (!isFile(path)) return exitWith(EXIT.wrongUse, `No file ${path}.`);
  const work = async (context: OperatorContext): Promise<ExitCode> => {
    const { source, bad } = readHoldings(file, path, told);
    const result = await write(context, source, completeThrough);
    if (result === null)
      return exitWith(EXIT.found, `Nothing was imported: ${counted(bad(), 'bad line', 'bad lines')}.`);
    const { lines, fresh, words } = result;
    say(`${counted(lines, 'line', 'lines')}: ${fresh} new, ${lines - fresh} known already.`);
    await after(context, result);
    return sayWords(words, completeThrough);
  };
  return withStore(work, { queryTimeoutMs: QUERY_TIMEOUT_MS });
}

/** Our word on each partner that a file names, said to the operator who gave it; a file without lines names none. */
function sayWords(words: readonly Word[], completeThrough: string | null): ExitCode {
  if (completeThrough !== null && words.length === 0)
    return exitWith(
      EXIT.found,
      'The file names no partner, so that nothing is said to be complete: POST /operations/holdings/complete-through names one.',
    );
  for (const { partner, through } of words)
    say(`What is told of holdings at ${partner} is complete through ${through}.`);
  return EXIT.done;
}
