import { createReadStream, existsSync } from 'node:fs';

import { CsvError, parse } from 'csv-parse';
import * as t from 'io-ts';

import { decode } from '../codecs/decode';
import { ObjectId } from '../codecs/primitives';
import { firstCharacters } from '../domain/plain-text';
import { problemText } from '../domain/problem';
import { PARTNERS } from '../partners';
import { expectedTable, type ExpectationRequest } from '../operator/expect';

/** A line that is not an expectation, by its number in the file. */
export interface BadLine {
  readonly line: number;
  readonly problem: string;
}

/** The content of a file of expectations. */
export interface ExpectationFile {
  readonly requests: readonly ExpectationRequest[];
  readonly bad: readonly BadLine[];
}

const COLUMNS = ['partner', 'object', 'id', 'dueWithinSeconds'];

const Line = t.intersection([
  t.type({ partner: t.string, object: t.string, id: ObjectId }),
  t.partial({ dueWithinSeconds: t.string }),
]);

/** A line as the CSV parser returns it. */
const Entry = t.type({ record: t.unknown, info: t.type({ lines: t.number }) });

/** Longer is shown in part: a file with another separator has its whole line in one field. */
const LONGEST_SHOWN = 40;

function requestOf(record: unknown): ExpectationRequest | string {
  const decoded = decode(Line, record);
  if (!decoded.ok) return problemText(decoded.problem);
  const { partner, object, id, dueWithinSeconds = '' } = decoded.value;
  const table = expectedTable(PARTNERS, { partner, object, id });
  if ('path' in table) return problemText({ ...table, found: firstCharacters(table.found, LONGEST_SHOWN) });
  const due = Number(dueWithinSeconds);
  if (dueWithinSeconds !== '' && !(due > 0)) return 'dueWithinSeconds: expected nothing or a number above 0';
  return { partner, object, id, ...(due > 0 ? { dueWithinSeconds: due } : {}) };
}

/**
 * The expectations of a CSV file with the header `partner,object,id` and optionally `dueWithinSeconds`. Every bad
 * line is named; the caller registers all or nothing.
 */
export async function readExpectationFile(path: string): Promise<ExpectationFile> {
  if (!existsSync(path)) return { requests: [], bad: [{ line: 0, problem: `no file ${path}` }] };
  const requests: ExpectationRequest[] = [];
  const bad: BadLine[] = [];
  const isHeader = (names: readonly string[]): string[] => {
    const unknown = names.find((name) => !COLUMNS.includes(name));
    const missing = COLUMNS.slice(0, 3).find((name) => !names.includes(name));
    if (unknown !== undefined || missing !== undefined) {
      throw new Error(`header: expected ${COLUMNS.slice(0, 3).join(',')} and optionally dueWithinSeconds`);
    }
    return [...names];
  };
  const parser = parse({ bom: true, columns: isHeader, skip_empty_lines: true, trim: true, info: true });
  try {
    for await (const entry of createReadStream(path).pipe(parser)) {
      const parsed = decode(Entry, entry);
      if (!parsed.ok) throw new Error('not a CSV file');
      const { record, info } = parsed.value;
      const request = requestOf(record);
      if (typeof request === 'string') bad.push({ line: info.lines, problem: request });
      else requests.push(request);
    }
  } catch (error) {
    const line = error instanceof CsvError ? Number(error.lines) : 1;
    bad.push({ line, problem: error instanceof Error ? error.message : 'not a CSV file' });
  }
  return { requests, bad };
}
