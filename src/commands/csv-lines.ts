import { isUtf8 } from 'node:buffer';

import { parse } from 'csv-parse/sync';

import { found } from '../codecs/decode';
import type { HoldingField } from '../codecs/holdings';

/** A line of a file by its number, from 1: its text, or why it has none. */
export type Line =
  { readonly number: number; readonly text: string } | { readonly number: number; readonly problem: string };

/**
 * The lines of a file, some at a time, whatever its size. A line end always ends a line, also between quotes: no field
 * may hold one, and a quote that is never closed must not swallow the rest of the file.
 */
export async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<readonly Line[]> {
  let number = 0;
  let rest = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const lines = splitLines(rest.length === 0 ? chunk : Buffer.concat([rest, chunk]));
    // One byte more than allowed is enough to know that it is too long.
    rest = Buffer.from((lines.at(-1) ?? rest).subarray(0, LONGEST_LINE_BYTES + 1));
    yield lines.slice(0, -1).map((bytes) => lineOf((number += 1), bytes));
  }
  if (rest.length > 0) yield [lineOf(number + 1, rest)];
}

const NEWLINE = 0x0a;

function splitLines(bytes: Buffer): readonly Buffer[] {
  const lines: Buffer[] = [];
  let start = 0;
  for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
    lines.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return [...lines, bytes.subarray(start)];
}

/** Far above any line with a few fields; a file without line ends must not be held as a whole. */
const LONGEST_LINE_BYTES = 8_192;

function lineOf(number: number, bytes: Buffer): Line {
  if (bytes.length > LONGEST_LINE_BYTES) {
    return { number, problem: `line: expected at most ${LONGEST_LINE_BYTES} bytes, found more` };
  }
  if (!isUtf8(bytes)) return { number, problem: 'line: expected UTF-8, found other bytes' };
  return { number, text: bytes.toString('utf8').replace(/\r$/, '') };
}

/** Columns of a file in their order, each with the reader of its fields. */
export type Columns<Name extends string> = readonly (readonly [name: Name, field: HoldingField])[];

/**
 * The problem of a header that is not the expected one; null for the right one. A byte order mark before it is no
 * part of it.
 */
export function headerProblem(columns: Columns<string>, text: string): string | null {
  const expected = columns.map(([name]) => name).join(',');
  const names = fieldsOf(text.replace(/^\uFEFF/, ''));
  return names?.join(',') === expected ? null : `header: expected ${expected}, found another`;
}

/** The values of a line by their columns, or a text with every field that is wrong: what was expected, and what stood there. */
export function valuesOf<Name extends string>(
  columns: Columns<Name>,
  text: string,
): ReadonlyMap<Name, string> | string {
  const fields = fieldsOf(text);
  if (fields === null) return 'line: expected quotes in pairs around whole fields, found others';
  if (fields.length !== columns.length) return `line: expected ${columns.length} fields, found ${fields.length}`;
  const values = new Map<Name, string>();
  const problems: string[] = [];
  columns.forEach(([name, { read, expected, shown }], index) => {
    const given = fields[index] ?? '';
    const value = read(given);
    if (value !== null) values.set(name, value);
    else problems.push(`${name}: expected ${expected}, found ${foundIn(given, shown)}`);
  });
  return problems.length > 0 ? problems.join('; ') : values;
}

/** The fields of a line; null where quotes do not pair. */
function fieldsOf(text: string): readonly string[] | null {
  if (!text.includes('"')) return text.split(',');
  try {
    const [fields] = parse(text);
    return fields ?? null;
  } catch {
    return null;
  }
}

function foundIn(text: string, shown: RegExp): string {
  return text === '' ? 'nothing' : found(text, shown.test(text));
}
