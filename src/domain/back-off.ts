/** The bounds of a wait that doubles with every failure. */
export interface BackOff {
  readonly firstMs: number;
  readonly longestMs: number;
}

/**
 * The wait in milliseconds before the next try, after so many failures before the last one. `random`, 0 to 1, takes off
 * up to a half, so that what failed together does not come back together. Absent in flows, whose waits are recorded.
 */
export function backOffMs({ firstMs, longestMs }: BackOff, failures: number, random = 0): number {
  return Math.round(Math.min(longestMs, firstMs * 2 ** failures) * (1 - random / 2));
}
