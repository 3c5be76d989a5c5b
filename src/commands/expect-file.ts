import { createReadStream, existsSync } from 'node:fs';

import { CsvError, parse } from 'csv-parse';
import * as t from 'io-ts';

import { decode } from '../codecs/decode';
import type { ExpectationRequest } from '../operator/expectation-request';
import { EXPECTATION_WORDS, expectationOfWords } from './expectation-words';

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

/** A line as the CSV parser returns it. */
const Entry = t.type({ record: t.record(t.string, t.string), info: t.type({ lines: t.number }) });

const NEEDED = 3;

/** The columns of a file; throws for a header that lacks one, or has one that is not known. */
function columnsOf(names: readonly string[]): string[] {
  const needed = EXPECTATION_WORDS.slice(0, NEEDED);
  const isKnown = names.every((name) => EXPECTATION_WORDS.includes(name));
  if (!isKnown || needed.some((name) => !names.includes(name))) {
    throw new Error(
      `header: expected ${needed.join(',')} and optionally ${EXPECTATION_WORDS.slice(NEEDED).join(', ')}`,
    );
  }
  return [...names];
}

/**
 * The expectations of a CSV file with the header `partner,object,id` and optionally the other words. Every bad line is
 * named; the caller registers all or nothing.
 */
export async function readExpectationFile(path: string): Promise<ExpectationFile> {
  if (!existsSync(path)) return { requests: [], bad: [{ line: 0, problem: `no file ${path}` }] };
  const requests: ExpectationRequest[] = [];
  const bad: BadLine[] = [];
  const parser = parse({ bom: true, columns: columnsOf, skip_empty_lines: true, trim: true, info: true });
  try {
    for await (const entry of createReadStream(path).pipe(parser)) {
      const parsed = decode(Entry, entry);
      if (!parsed.ok) throw new Error('not a CSV file');
      const { record, info } = parsed.value;
      const request = expectationOfWords(record);
      if (typeof request === 'string') bad.push({ line: info.lines, problem: request });
      else requests.push(request);
    }
  } catch (error) {
    const line = error instanceof CsvError ? Number(error.lines) : 1;
    bad.push({ line, problem: error instanceof Error ? error.message : 'not a CSV file' });
  }
  return { requests, bad };
}
