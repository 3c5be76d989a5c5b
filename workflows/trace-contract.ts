// The headers of signals and activities by which one trace leads from a delivery to what its flow does.
import type { Sinks } from '@temporalio/workflow';

/** The header's name, the one that Temporal's own interceptors for OpenTelemetry use. */
export const TRACE_HEADER = '_tracer-data';

/** The header of a signal, and of an activity: the trace of the newest delivery, and of others since the flow's last activity. */
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

/** The sinks that are called outside the workflow, never while a history is replayed. */
export interface TraceSinks extends Sinks {
  tracing: { folded(folded: Folded): void };
}
