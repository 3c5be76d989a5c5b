import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { HistoryAndWorkflowId } from '@temporalio/client';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils';

import { version } from '../../package.json';

const ROOT = join(__dirname, '..', 'histories');

/** One recorded flow: which release made it, at which wait point it stood. */
export interface RecordedHistory {
  readonly release: string;
  /** Such as `order.placed-waits-for-fill`. */
  readonly name: string;
}

/** Where the present version's histories are recorded; those of released versions are never touched again. */
export function recordingFolder(): string {
  const folder = join(ROOT, version);
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** The released versions of which there are histories. */
export function releases(): readonly string[] {
  return readdirSync(ROOT).sort();
}

/** What one release recorded. */
export function historiesOf(release: string): readonly RecordedHistory[] {
  const files = readdirSync(join(ROOT, release)).filter((file) => file.endsWith('.json'));
  return files.sort().map((file) => ({ release, name: file.slice(0, -'.json'.length) }));
}

/** What every release recorded. */
export function allHistories(): readonly RecordedHistory[] {
  return releases().flatMap(historiesOf);
}

/** The text of a history, as it lies there. */
export function textOf({ release, name }: RecordedHistory): string {
  return readFileSync(join(ROOT, release, `${name}.json`), 'utf8');
}

/** Histories one after the other, each called `<release>/<name>`: one alone is held in memory. */
export function* replayable(histories: readonly RecordedHistory[]): Generator<HistoryAndWorkflowId> {
  for (const history of histories) {
    const workflowId = `${history.release}/${history.name}`;
    yield { workflowId, history: historyFromJSON(JSON.parse(textOf(history))) };
  }
}
