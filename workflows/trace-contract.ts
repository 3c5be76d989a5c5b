import type { Sinks } from '@temporalio/workflow';

// The header beside signals and activities makes one trace lead from a delivery to the actions of its flow.

/** Name of the header, the one that Temporal's own interceptors for OpenTelemetry use. */
export const TRACE_HEADER = '_tracer-data';

/**
 * Header of a signal, and of an activity: the trace of the flow's last notification, and those of others since its
 * last activity.
 */
export interface TraceHeader {
  readonly traceparent: string;
  /** Other traces that the activity belongs to just as much; absent: none. */
  readonly others?: readonly string[];
}

/** A notification that a flow has folded. */
export interface Folded {
  readonly traceparent: string;
  readonly deliveryId: string;
  readonly event: string;
}

/** Called outside the workflow, never while a history is replayed. */
export interface TraceSinks extends Sinks {
  tracing: { folded(folded: Folded): void };
}
