/** One event that a partner lists as having been sent, in the shape of its webhook. */
export interface SweptEvent {
  /** The last segment of the webhook's path. */
  readonly route: string;
  readonly body: Buffer;
}

/** The stretch of time a sweep looks at, ISO 8601 UTC; a partner that lists only what was missed ignores it. */
export interface SweepWindow {
  readonly from: string;
  readonly to: string;
}

/** Lists what a partner says it has sent. Throws `ReadFailure`. */
export type PartnerSweep = (window: SweepWindow) => Promise<readonly SweptEvent[]>;
