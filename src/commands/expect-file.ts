import { createReadStream, existsSync } from 'node:fs';

import { CsvError, parse } from 'csv-parse';
import * as t from 'io-ts';

import { decode } from '../codecs/decode';
import { ObjectId } from '../codecs/primitives';
import type { ExpectationRequest } from '../operator/expect';
import { PARTNERS } from '../partners';

/** A line that cannot be taken, by its number in the file. */
export interface BadLine {
  readonly line: number;
  readonly problem: string;
}

export interface ExpectationFile {
  readonly requests: readonly ExpectationRequest[];
  readonly bad: readonly BadLine[];
}

const COLUMNS = ['partner', 'object', 'id', 'dueWithinSeconds'];

const Line = t.intersection([
  t.type({ partner: t.string, object: t.string, id: ObjectId }),
  t.partial({ dueWithinSeconds: t.string }),
]);

/** What the parser gives for each line. */
const Entry = t.type({ record: t.unknown, info: t.type({ lines: t.number }) });

/** What is wrong with a line: the field, what was expected, what stood there. */
function problemOf(partner: string, object: string, dueWithinSeconds: string | undefined): string | null {
  const module = PARTNERS.module(partner);
  if (module === undefined)
    return `partner: expected one of ${PARTNERS.names.join(', ')}, found ${partner.slice(0, 40)}`;
  const kinds = module.lifecycles.map((one) => one.object);
  if (!kinds.includes(object)) return `object: expected one of ${kinds.join(', ')}, found ${object.slice(0, 40)}`;
  const isSeconds = dueWithinSeconds === undefined || dueWithinSeconds === '' || Number(dueWithinSeconds) > 0;
  return isSeconds ? null : 'dueWithinSeconds: expected nothing or a number above 0';
}

function requestOf(record: unknown): ExpectationRequest | string {
  const decoded = decode(Line, record);
  if (!decoded.ok) {
    const { path, expected, found } = decoded.problem;
    return `${path}: expected ${expected}, found ${found}`;
  }
  const { partner, object, id, dueWithinSeconds } = decoded.value;
  const problem = problemOf(partner, object, dueWithinSeconds);
  if (problem !== null) return problem;
  const due = Number(dueWithinSeconds ?? '');
  return { partner, object, id, ...(due > 0 ? { dueWithinSeconds: due } : {}) };
}

/**
 * Reads a CSV file of expectations, header `partner,object,id` and optionally `dueWithinSeconds`. Every bad line is
 * named; the caller takes all or nothing.
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
