const UNITS = [
  { name: 'd', ms: 86_400_000 },
  { name: 'h', ms: 3_600_000 },
  { name: 'min', ms: 60_000 },
  { name: 's', ms: 1_000 },
] as const;

/** A duration in its two largest units, such as `3 d 4 h`; below a second it is `0 s`. */
export function durationWords(durationMs: number): string {
  const at = UNITS.findIndex(({ ms }) => durationMs >= ms);
  const [first, second] = at === -1 ? [UNITS[3]] : UNITS.slice(at, at + 2);
  if (first === undefined) return '0 s';
  const whole = Math.max(0, Math.floor(durationMs / first.ms));
  const rest = second === undefined ? 0 : Math.floor((durationMs - whole * first.ms) / second.ms);
  return rest === 0 || second === undefined
    ? `${whole} ${first.name}`
    : `${whole} ${first.name} ${rest} ${second.name}`;
}

/** A share of 0 to 1 in percent. */
export function percentWords(share: number): string {
  return `${(share * 100).toFixed(share > 0 && share < 0.001 ? 3 : 1)} %`;
}

/** A count with its noun, such as `1 flow` or `2 flows`. */
export function countWords(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
