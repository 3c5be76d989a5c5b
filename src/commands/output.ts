/** A line on standard output. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** JSON on standard output, as the matching route of the operations API shows it. */
export function sayJson(value: unknown): void {
  say(JSON.stringify(value, null, 2));
}

/** A line on standard error. */
export function complain(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Rows under a heading, each column as wide as its longest cell; `-` for what is not there. */
export function table(heading: readonly string[], rows: readonly (readonly (string | null)[])[]): string {
  const cells = [heading, ...rows.map((row) => row.map((cell) => cell ?? '-'))];
  const widths = heading.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** A count with its noun, such as `1 flow` or `2 flows`. */
export function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** Units of a duration in milliseconds, the largest first. */
export const UNITS: readonly (readonly [ms: number, name: string])[] = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1_000, 's'],
];

/** A duration in milliseconds in words, rounded down: `3 d`, `40 min`; below a second `0 s`. */
export function inWords(durationMs: number): string {
  const [unitMs, name] = UNITS.find(([ms]) => durationMs >= ms) ?? [1_000, 's'];
  return `${Math.max(0, Math.floor(durationMs / unitMs))} ${name}`;
}

const PROGRESS_EVERY_MS = 2_000;

/** Listener for progress that tells of it every two seconds. */
export function createProgress<Value>(tell: (value: Value) => void): (value: Value) => void {
  let toldAtMs = performance.now();
  return (value) => {
    if (performance.now() - toldAtMs < PROGRESS_EVERY_MS) return;
    toldAtMs = performance.now();
    tell(value);
  };
}
