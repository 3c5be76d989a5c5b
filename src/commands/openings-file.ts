import { isUtf8 } from 'node:buffer';

import { parse } from 'csv-parse/sync';

import { found } from '../codecs/decode';
import { IdPart } from '../codecs/primitives';
import { canonicalId, isUuid } from '../domain/canonical-id';
import { PARTNERS } from '../partners';
import type { OpeningLine } from '../store/ledger/openings';

/** A line of a file by its number, from 1: its text, or why it has none. */
export type Line =
  { readonly number: number; readonly text: string } | { readonly number: number; readonly problem: string };

const NEWLINE = 0x0a;

/** Far above any line with five fields; a file without line ends must not be held as a whole. */
const LONGEST_LINE_BYTES = 8_192;

function lineOf(number: number, bytes: Buffer): Line {
  if (bytes.length > LONGEST_LINE_BYTES) {
    return { number, problem: `line: expected at most ${LONGEST_LINE_BYTES} bytes, found more` };
  }
  if (!isUtf8(bytes)) return { number, problem: 'line: expected UTF-8, found other bytes' };
  return { number, text: bytes.toString('utf8').replace(/\r$/, '') };
}

function splitLines(bytes: Buffer): readonly Buffer[] {
  const lines: Buffer[] = [];
  let start = 0;
  for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
    lines.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return [...lines, bytes.subarray(start)];
}

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

/** The header of a file of openings, and the order of its fields. */
export const OPENING_COLUMNS = ['partner', 'userId', 'instrument', 'amount', 'asOf'] as const;
type Column = (typeof OPENING_COLUMNS)[number];

/** A field's decoder, null for a bad value; and which bad values may be shown, because they identify no person. */
interface FieldReader {
  readonly expected: string;
  readonly shown: RegExp;
  read(text: string): string | null;
}

const MOMENT =
  /^(\d{4}-\d{2}-\d{2})(?:T([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:[.,](\d{1,9}))?)?(Z|[+-](?:0\d|1[0-4])(?::?[0-5]\d)?)?)?$/;

/** True for a day of the calendar: `Date` takes 30 February for 2 March. */
function isDay(day: string): boolean {
  const date = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day) && day >= '0001';
}

/** A moment with its offset, UTC where it has none, cut to the microsecond as the ledger's times are. */
function momentOf(text: string): string | null {
  const [, day = '', hour = '00', minute = '00', second = '00', fraction = '', offset = 'Z'] = MOMENT.exec(text) ?? [];
  if (!isDay(day)) return null;
  return `${day}T${hour}:${minute}:${second}.${fraction.slice(0, 6).padEnd(6, '0')}${offset}`;
}

function instrumentOf(text: string): string | null {
  const [kind = '', id = '', ...more] = text.split(':');
  if (more.length > 0 || (kind !== 'asset' && kind !== 'fiat')) return null;
  return isUuid(id) || /^(0|[1-9]\d{0,17})$/.test(id) ? `${kind}:${canonicalId(id)}` : null;
}

const LONGEST_AMOUNT = 100;

const READERS: Readonly<Record<Column, FieldReader>> = {
  partner: {
    expected: `one of ${PARTNERS.names.join(', ')}`,
    shown: /^[A-Za-z]{1,20}$/,
    read: (text) => (PARTNERS.names.includes(text) ? text : null),
  },
  userId: {
    expected: IdPart.name,
    shown: /^$/,
    read: (text) => (IdPart.is(text) ? canonicalId(text) : null),
  },
  instrument: {
    expected: 'asset:<UUID or integer> or fiat:<UUID or integer>',
    shown: /^[A-Za-z]{0,10}:?[0-9A-Fa-f-]{0,40}$/,
    read: instrumentOf,
  },
  amount: {
    expected: `a plain decimal from 0 such as 12.5, of at most ${LONGEST_AMOUNT} characters`,
    shown: /^[\d.,'eE+ -]{1,40}$/,
    read: (text) => (text.length <= LONGEST_AMOUNT && /^\d+(\.\d+)?$/.test(text) ? text : null),
  },
  asOf: {
    expected: 'an ISO 8601 time such as 2026-01-31T00:00:00Z',
    shown: /^[\dTZ:.,+/ -]{1,40}$/,
    read: momentOf,
  },
};

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

/**
 * The problem of a header that is not the expected one; null for the right one. A byte order mark before it is no
 * part of it.
 */
export function headerProblem(text: string): string | null {
  const expected = OPENING_COLUMNS.join(',');
  const names = fieldsOf(text.replace(/^\uFEFF/, ''));
  return names?.join(',') === expected ? null : `header: expected ${expected}, found another`;
}

function foundIn(text: string, shown: RegExp): string {
  return text === '' ? 'nothing' : found(text, shown.test(text));
}

/** The opening on a line, or a text with every field that is wrong: what was expected, and what stood there. */
export function openingOf(line: number, text: string): OpeningLine | string {
  const fields = fieldsOf(text);
  if (fields === null) return 'line: expected quotes in pairs around whole fields, found others';
  if (fields.length !== OPENING_COLUMNS.length) {
    return `line: expected ${OPENING_COLUMNS.length} fields, found ${fields.length}`;
  }
  const read = (column: Column): string => READERS[column].read(fields[OPENING_COLUMNS.indexOf(column)] ?? '') ?? '';
  const partner = read('partner');
  const [userId, instrument, amount, asOf] = [read('userId'), read('instrument'), read('amount'), read('asOf')];
  if (partner !== '' && userId !== '' && instrument !== '' && amount !== '' && asOf !== '') {
    return { line, partner, userId, instrument, amount, asOf };
  }
  const problems = OPENING_COLUMNS.flatMap((column, index) => {
    const { expected, shown } = READERS[column];
    return read(column) === '' ? [`${column}: expected ${expected}, found ${foundIn(fields[index] ?? '', shown)}`] : [];
  });
  return problems.join('; ');
}
