import { readdirSync, readFileSync } from 'node:fs';

/** Processor milliseconds by kind of process. */
export type ProcessorTime = Readonly<Record<string, number>>;

/** Milliseconds of one tick of the kernel's clock for processes, which is 100 a second on every Linux. */
const TICK_MS = 10;

interface Process {
  readonly id: number;
  readonly parent: number;
  readonly command: string;
  readonly usedMs: number;
}

/**
 * Processor time that the processes below this one have used, with those of theirs that have ended, by the first word
 * of `kinds` that their command holds. Linux only.
 */
export function processorTimeBelow(id: number, kinds: readonly string[]): ProcessorTime {
  const processes = allProcesses();
  const below = new Set([id]);
  // A process is younger than its parent, and mostly has a higher id; where ids have begun anew, one pass is not enough.
  for (let size = 0; size !== below.size;) {
    size = below.size;
    for (const one of processes) if (below.has(one.parent)) below.add(one.id);
  }
  const used: Record<string, number> = Object.fromEntries(kinds.map((kind) => [kind, 0]));
  for (const one of processes) {
    const kind = kinds.find((word) => one.command.includes(word));
    if (kind !== undefined && one.id !== id && below.has(one.id)) used[kind] = (used[kind] ?? 0) + one.usedMs;
  }
  return used;
}

function allProcesses(): readonly Process[] {
  const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return ids.flatMap((id) => {
    try {
      const command = readFileSync(`/proc/${id}/cmdline`, 'utf8').replaceAll('\0', ' ');
      const stat = readFileSync(`/proc/${id}/stat`, 'utf8');
      // The name of the program stands in parentheses, and may hold any character.
      const [, parent, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      // Its own time, and that of its ended children, in user and in system mode (proc(5), fields 14 to 17).
      const ticks = rest.slice(9, 13).reduce((sum, field) => sum + Number(field), 0);
      return [{ id: Number(id), parent: Number(parent), command, usedMs: ticks * TICK_MS }];
    } catch {
      // It ended meanwhile; its time is in its parent's.
      return [];
    }
  });
}
