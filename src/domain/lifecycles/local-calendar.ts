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
