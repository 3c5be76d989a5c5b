import { defaultPayloadConverter } from '@temporalio/common';
import { type Headers, proxySinks, workflowInfo, type WorkflowInterceptorsFactory } from '@temporalio/workflow';

import { notificationSignal } from './contract';
import { type Folded, TRACE_HEADER, type TraceHeader, type TraceSinks } from './trace-contract';

/**
 * The interceptors that hand the trace of each notification on to the activities it leads to. Nothing is awaited and no
 * command is added: with headers and without, and for flows that began before anything was traced, a history replays
 * the same.
 */
export const interceptors: WorkflowInterceptorsFactory = () => {
  const { tracing } = proxySinks<TraceSinks>();
  let last: string | null = null;
  let traces: readonly string[] = [];
  const headerOf = (traceparent: string): TraceHeader => {
    const others = traces.filter((one) => one !== traceparent);
    traces = [];
    return others.length === 0 ? { traceparent } : { traceparent, others };
  };
  const withTrace = <Input extends { readonly headers: Headers }>(input: Input): Input => {
    if (last === null) return input;
    const header = defaultPayloadConverter.toPayload(headerOf(last));
    return { ...input, headers: { ...input.headers, [TRACE_HEADER]: header } };
  };
  return {
    inbound: [
      {
        handleSignal(input, next) {
          const traceparent = traceparentOf(input.headers);
          if (traceparent !== null) {
            last = traceparent;
            traces = [...traces, traceparent].slice(-MOST_TRACES);
            const folded = foldedOf(traceparent, input.signalName, input.args);
            // A worker that only replays may have no such sink, and would log an error for each.
            if (folded !== null && !workflowInfo().unsafe.isReplaying) tracing.folded(folded);
          }
          return next(input);
        },
      },
    ],
    outbound: [
      {
        scheduleActivity: (input, next) => next(withTrace(input)),
        scheduleLocalActivity: (input, next) => next(withTrace(input)),
      },
    ],
  };
};

/** The most deliveries that one activity is shown under: a header is part of the history. */
const MOST_TRACES = 10;

/** The trace of a signal; null also for a header that cannot be decoded: a trace is never worth a workflow task that fails. */
function traceparentOf(headers: Headers): string | null {
  const payload = headers[TRACE_HEADER];
  if (payload === undefined) return null;
  try {
    const header: unknown = defaultPayloadConverter.fromPayload(payload);
    return isRecord(header) && typeof header.traceparent === 'string' ? header.traceparent : null;
  } catch {
    return null;
  }
}

/** The notification that was folded, from the signal's own argument; null for any other signal. */
function foldedOf(traceparent: string, signalName: string, args: readonly unknown[]): Folded | null {
  const [notification] = args;
  if (signalName !== notificationSignal.name || !isRecord(notification)) return null;
  const { deliveryId, event } = notification;
  return typeof deliveryId === 'string' && typeof event === 'string' ? { traceparent, deliveryId, event } : null;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
