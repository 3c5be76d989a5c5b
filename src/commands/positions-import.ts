import { createReadStream, statSync } from 'node:fs';

import { judgeSets } from '../store/corporate-actions/judge';
import { importOpenings, type OpeningConflict, type OpeningLine } from '../store/ledger/openings';
import { type OperatorContext, withStore } from './context';
import { EXIT, type ExitCode, exitWith } from './exit-codes';
import { headerProblem, type Line, linesOf, openingOf } from './openings-file';
import { complain, counted, say } from './output';
import { whoami } from './whoami';

/** Read and written in one piece: some thousand lines, however many the file has. */
const CHUNK_BYTES = 262_144;
const PROGRESS_EVERY = 100_000;

/** A million lines are compared with each other in one statement. */
const QUERY_TIMEOUT_MS = 600_000;

type OnBad = (line: number, problem: string) => void;

function headerIsGood(header: Line | undefined, onBad: OnBad): boolean {
  const { number, ...line } = header ?? { number: 1, text: '' };
  const problem = 'problem' in line ? line.problem : headerProblem(line.text);
  if (problem !== null) onBad(number, problem);
  return problem === null;
}

function readLine(line: Line, onBad: OnBad): readonly OpeningLine[] {
  if ('text' in line && line.text === '') return [];
  const opening = 'problem' in line ? line.problem : openingOf(line.number, line.text);
  if (typeof opening !== 'string') return [opening];
  onBad(line.number, opening);
  return [];
}

/** The openings of a file, piece by piece; bad lines are named at once, and only one piece is in memory. */
async function* openingsOf(path: string, onBad: OnBad): AsyncGenerator<readonly OpeningLine[]> {
  let reported = 0;
  let hasHeader = false;
  for await (const lines of linesOf(createReadStream(path, { highWaterMark: CHUNK_BYTES }))) {
    const [header] = lines;
    if (header === undefined) continue;
    // Under another header the fields of a line have another meaning.
    if (!hasHeader && !headerIsGood(header, onBad)) return;
    yield lines.slice(hasHeader ? 0 : 1).flatMap((line) => readLine(line, onBad));
    hasHeader = true;
    const read = lines.at(-1)?.number ?? 0;
    if (read - reported >= PROGRESS_EVERY) complain(`${read} lines read`);
    if (read - reported >= PROGRESS_EVERY) reported = read;
  }
  if (!hasHeader) headerIsGood(undefined, onBad);
}

function inWords({ otherLine, expected, found }: OpeningConflict): string {
  const where = otherLine === null ? 'as imported before' : `as in line ${otherLine}`;
  return `amount: expected ${expected} ${where}, found ${found}`;
}

async function importInto({ configuration, database }: OperatorContext, path: string): Promise<ExitCode> {
  let bad = 0;
  const onBad: OnBad = (line, problem) => {
    bad += 1;
    complain(`line ${line}: ${problem}`);
  };
  const imported = await importOpenings(database, {
    by: whoami(),
    batches: openingsOf(path, onBad),
    isSound: () => bad === 0,
    onConflicts: (conflicts) => {
      for (const conflict of conflicts) onBad(conflict.line, inWords(conflict));
    },
  });
  if (imported === null) return exitWith(EXIT.found, `Nothing was imported: ${counted(bad, 'bad line', 'bad lines')}.`);
  const { lines, fresh, affected } = imported;
  say(`${counted(lines, 'line', 'lines')}: ${fresh} new, ${lines - fresh} known already.`);
  for (const action of affected) await judgeSets(database, action, configuration.policies);
  if (affected.length > 0) say(`${counted(affected.length, 'corporate action', 'corporate actions')} judged again.`);
  return EXIT.done;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/**
 * `partnerflow positions import`: what users held at a moment, all lines of a file or none; the corporate actions that
 * rest on it are judged again. The same file again is harmless, and finishes judging that was interrupted.
 */
export async function importPositions(path: string): Promise<ExitCode> {
  if (!isFile(path)) return exitWith(EXIT.wrongUse, `No file ${path}.`);
  return withStore((context) => importInto(context, path), { queryTimeoutMs: QUERY_TIMEOUT_MS });
}
