const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 900_000;

/**
 * How long to wait after so many tries that failed, milliseconds: twice as long each time, up to a quarter of an hour,
 * less a random part of up to a half, so that many messages that failed together do not come back together. `random` is
 * 0 to 1. Null: it has been tried often enough.
 */
export function waitAfter(attempts: number, mostAttempts: number, random: number): number | null {
  if (attempts >= mostAttempts) return null;
  const wholeMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(30, Math.max(0, attempts - 1)));
  return Math.round(wholeMs * (1 - random / 2));
}
