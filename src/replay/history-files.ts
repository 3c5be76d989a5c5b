import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import type { HistoryAndWorkflowId } from '@temporalio/client';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils';

/** File that holds no history; the message names it. */
export class HistoryFileError extends Error {}

/** Files meant by paths of files and folders. Throws `HistoryFileError`. */
export function historyFiles(paths: readonly string[]): readonly string[] {
  return paths.flatMap(filesIn);
}

function filesIn(path: string): readonly string[] {
  try {
    if (!statSync(path).isDirectory()) return [path];
  } catch {
    throw new HistoryFileError(`${path}: expected a file or folder of histories, found none`);
  }
  const inside = readdirSync(path, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json'));
  if (inside.length === 0) throw new HistoryFileError(`${path}: expected histories (*.json), found none`);
  return inside.sort().map((name) => join(path, name));
}

/** Histories one after the other, each named by its file; one alone is held in memory. Throws `HistoryFileError`. */
export function* historiesIn(files: readonly string[]): Generator<HistoryAndWorkflowId> {
  for (const file of files) yield { workflowId: file, history: historyIn(file) };
}

type History = ReturnType<typeof historyFromJSON>;

function historyIn(path: string): History {
  const expected = `${path}: expected a history as JSON, as the Temporal UI and \`temporal workflow show -o json\` write it`;
  let history: History;
  try {
    history = historyFromJSON(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    throw new HistoryFileError(`${expected}, found something else`);
  }
  if ((history.events ?? []).length === 0) throw new HistoryFileError(`${expected}, found no events`);
  return history;
}
