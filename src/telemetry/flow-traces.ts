import { AsyncLocalStorage } from 'node:async_hooks';

import type { WorkflowClientInterceptor } from '@temporalio/client';
import { defaultPayloadConverter, type Headers } from '@temporalio/common';
import type { InjectedSinks } from '@temporalio/worker';

import type { Partner } from '../domain/partner';
import { TRACE_HEADER, type TraceHeader, type TraceSinks } from '../../workflows/trace-contract';
import { parseTraceparent, type Tracing } from './tracing';

const present = new AsyncLocalStorage<string>();

/** Call of Temporal's client under which `traceHeader` names the given trace. */
export function underTrace<T>(traceparent: string, call: () => Promise<T>): Promise<T> {
  return present.run(traceparent, call);
}

/** Interceptor that gives a signal the trace it is sent under; a signal sent under none has no header. */
export const traceHeader: WorkflowClientInterceptor = {
  signalWithStart(input, next) {
    const traceparent = present.getStore();
    if (traceparent === undefined) return next(input);
    const header: TraceHeader = { traceparent };
    const headers = { ...input.headers, [TRACE_HEADER]: defaultPayloadConverter.toPayload(header) };
    return next({ ...input, headers });
  },
};

/** Traces that an activity belongs to, the newest first; none where no notification of its flow was traced. */
export function tracesOf(headers: Headers): readonly string[] {
  const header = headerOf(headers);
  if (!isRecord(header)) return [];
  const others: readonly unknown[] = Array.isArray(header.others) ? header.others : [];
  return [header.traceparent, ...others].filter(isTraceparent);
}

/**
 * Content of the header; undefined also for one that cannot be read, because a trace is never worth a failed
 * activity.
 */
function headerOf(headers: Headers): unknown {
  const payload = headers[TRACE_HEADER];
  if (payload === undefined) return undefined;
  try {
    return defaultPayloadConverter.fromPayload(payload);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function isTraceparent(value: unknown): value is string {
  return typeof value === 'string' && parseTraceparent(value) !== null;
}

/** Partner at the front of a workflow id; null for a sweep or an id of another form. */
export function partnerOf(workflowId: string, partners: readonly Partner[]): Partner | null {
  const [partner = ''] = workflowId.split(':');
  return partners.includes(partner) ? partner : null;
}

/**
 * Sinks that show in a trace that a flow has folded a notification. A worker always gets them, or each traced signal
 * would cause a complaint.
 */
export function createTraceSinks(tracing: Tracing, partners: readonly Partner[]): InjectedSinks<TraceSinks> {
  return {
    tracing: {
      folded: {
        fn: ({ workflowId }, { traceparent, deliveryId, event }) => {
          const attributes = {
            'partnerflow.delivery_id': deliveryId,
            'partnerflow.workflow_id': workflowId,
            'partnerflow.partner': partnerOf(workflowId, partners),
            'partnerflow.event': event,
          };
          tracing.start('fold', { kind: 'consumer', parent: traceparent, attributes })?.end();
        },
        callDuringReplay: false,
      },
    },
  };
}
