import { createReadStream, statSync } from 'node:fs';

import type { LineConflict, LineSource } from '../store/ledger/line-import';
import { type Columns, headerProblem, type Line, linesOf, valuesOf } from './csv-lines';
import { complain } from './output';
import { whoami } from './whoami';

/** Kind of file that tells of holdings: its columns, and what a line becomes. */
export interface HoldingsFile<Name extends string, Told> {
  readonly columns: Columns<Name>;
  readonly lineOf: (line: number, value: (name: Name) => string) => Told;
}

/** Lines of a file as an import takes them, and the number of bad ones that were named. */
export interface ReadLines<Told> {
  readonly source: LineSource<Told>;
  readonly bad: () => number;
}

/** Lines of a file; what is bad of it is named on standard error as it is read. */
export function readHoldings<Name extends string, Told>(
  file: HoldingsFile<Name, Told>,
  path: string,
  told: string,
): ReadLines<Told> {
  let bad = 0;
  const onBad: OnBad = (line, problem) => {
    bad += 1;
    complain(`line ${line}: ${problem}`);
  };
  const source: LineSource<Told> = {
    by: whoami(),
    batches: batchesOf(file, path, onBad),
    isSound: () => bad === 0,
    onConflicts: (conflicts) => {
      for (const conflict of conflicts) onBad(conflict.line, inWords(conflict, told));
    },
  };
  return { source, bad: () => bad };
}

type OnBad = (line: number, problem: string) => void;

/** Read and written in one piece: some thousand lines, however many the file has. */
const CHUNK_BYTES = 262_144;
const PROGRESS_EVERY = 100_000;

/** The lines of a file, piece by piece; bad ones are named at once, and only one piece is in memory. */
async function* batchesOf<Name extends string, Told>(
  file: HoldingsFile<Name, Told>,
  path: string,
  onBad: OnBad,
): AsyncGenerator<readonly Told[]> {
  let reported = 0;
  let hasHeader = false;
  for await (const lines of linesOf(createReadStream(path, { highWaterMark: CHUNK_BYTES }))) {
    const [header] = lines;
    if (header === undefined) continue;
    // Under another header the fields of a line have another meaning.
    if (!hasHeader && !headerIsGood(file.columns, header, onBad)) return;
    yield lines.slice(hasHeader ? 0 : 1).flatMap((line) => readLine(file, line, onBad));
    hasHeader = true;
    const read = lines.at(-1)?.number ?? 0;
    if (read - reported >= PROGRESS_EVERY) complain(`${read} lines read`);
    if (read - reported >= PROGRESS_EVERY) reported = read;
  }
  if (!hasHeader) headerIsGood(file.columns, undefined, onBad);
}

function headerIsGood(columns: Columns<string>, header: Line | undefined, onBad: OnBad): boolean {
  const { number, ...line } = header ?? { number: 1, text: '' };
  const problem = 'problem' in line ? line.problem : headerProblem(columns, line.text);
  if (problem !== null) onBad(number, problem);
  return problem === null;
}

function readLine<Name extends string, Told>(
  { columns, lineOf }: HoldingsFile<Name, Told>,
  line: Line,
  onBad: OnBad,
): readonly Told[] {
  if ('text' in line && line.text === '') return [];
  const values = 'problem' in line ? line.problem : valuesOf(columns, line.text);
  if (typeof values !== 'string') return [lineOf(line.number, (name) => values.get(name) ?? '')];
  onBad(line.number, values);
  return [];
}

function inWords({ otherLine, field, expected, found }: LineConflict, told: string): string {
  const where = otherLine === null ? `as ${told} before` : `as in line ${otherLine}`;
  return `${field}: expected ${expected} ${where}, found ${found}`;
}

/** True for a file that is there. */
export function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
