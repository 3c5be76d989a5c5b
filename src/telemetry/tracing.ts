/**
 * Attributes of spans: ids, kinds and counts. The list is closed, so that no body, name, path or query string can be
 * added by habit: a collector often belongs to another company.
 */
export type SpanAttribute =
  | 'partnerflow.activity'
  | 'partnerflow.attempt'
  | 'partnerflow.deliveries'
  | 'partnerflow.delivery_id'
  | 'partnerflow.event'
  | 'partnerflow.outcome'
  | 'partnerflow.partner'
  | 'partnerflow.status'
  | 'partnerflow.workflow_id';

/** Values of a span's attributes; null ones are left out. */
export type SpanAttributes = Readonly<Partial<Record<SpanAttribute, string | number | null>>>;

/** Names of spans, in the order a delivery meets them. */
export type SpanName = 'receive' | 'dispatch' | 'fold' | `activity ${string}`;

/** Beginning of a span. */
export interface SpanStart {
  readonly kind: 'server' | 'consumer' | 'internal';
  /** `traceparent` of the cause; null starts a trace. */
  readonly parent: string | null;
  /** `traceparent` values of related traces. */
  readonly links?: readonly string[];
  /** Unix time in milliseconds; absent: now. */
  readonly startedAtMs?: number;
  readonly attributes: SpanAttributes;
}

/** Span that has begun. One that is never ended is never sent. */
export interface OpenSpan {
  /** W3C trace context, for whoever continues the trace. */
  readonly traceparent: string;
  readonly traceId: string;
  /** End of the span. `failure` is the name of the error, never its text, which may quote what was received. */
  end(attributes?: SpanAttributes, failure?: string): void;
}

/** Source of spans; `start` is null where nothing is traced, so that nothing is computed in vain. */
export interface Tracing {
  start(name: SpanName, start: SpanStart): OpenSpan | null;
  /** End of tracing; waiting spans are sent within a bound. */
  stop(): Promise<void>;
}

/** Tracing where no collector is configured. */
export const NOT_TRACING: Tracing = { start: () => null, stop: () => Promise.resolve() };

/** Destination of spans, and the share of traces that is sent, 0 to 1. */
export interface TracingConfiguration {
  /** Base address of the collector; spans are posted to `/v1/traces` below it. */
  readonly endpoint: string;
  /** Headers of each request, such as a token of the collector's. */
  readonly headers: Readonly<Record<string, string>>;
  readonly share: number;
}

/** Parts of a `traceparent`. */
export interface TraceContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly sampled: boolean;
}

const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/;

/** Parts of a `traceparent` of version 00; null for anything else. */
export function parseTraceparent(text: string | null | undefined): TraceContext | null {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(text ?? '') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return null;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

/** Header value by which a trace is continued. */
export function formatTraceparent({ traceId, spanId, sampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;
}
