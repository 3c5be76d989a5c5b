/**
 * The clock of a partner's time zone: milliseconds since 1970 of a time there without an offset, `2026-03-29T12:30:00`.
 * An hour that comes twice is its first, one that is skipped is the next.
 */
export type LocalClock = (local: string) => number;

/** The clock of a kind of subject, by its partner, lifecycle or object; null where times without an offset are UTC. */
export type LocalClocks = (kind: {
  readonly partner: string;
  readonly lifecycle: string;
  readonly object: string;
}) => LocalClock | null;

/**
 * The calendar of a partner's time zone. Whoever starts or signals flows asks it: what it says reaches them as input, for
 * a flow that asked itself might be told otherwise when it is replayed on a newer calendar.
 */
export interface LocalCalendar {
  /**
   * The moment, ISO 8601 UTC, one period after another by local time. `frequency` is weekly, biweekly or monthly; null for
   * a period that is not told, which is taken for the longest. `day` is the day of the month, where it is told.
   */
  periodLater(moment: string, frequency: string | null, day: number | null): string;
}
