import { type RawBuilder, sql } from 'kysely';

/** Window of time: from a moment on, and before another. Times are ISO 8601 UTC; an absent one leaves it open there. */
export interface TimeWindow {
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

/**
 * Number of rows in which one request looks for what a filter admits and no index knows. A page that ends there goes on
 * with the next one, so that a filter that admits hardly anything costs no more than another.
 */
export const SCANNED_ROWS = 5_000;

/** Condition for a time within a window. */
export function isWithin({ since, until }: TimeWindow, time: RawBuilder<unknown>): RawBuilder<unknown> {
  const from = since === undefined ? sql`true` : sql`${time} >= ${since}::timestamptz`;
  return until === undefined ? from : sql`${from} AND ${time} < ${until}::timestamptz`;
}
