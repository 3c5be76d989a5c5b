/**
 * What may stand on a span: ids, kinds and counts. The list is closed, so that no body, name, path or query string can
 * be put there by habit: a collector is often somebody else's.
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

export type SpanAttributes = Readonly<Partial<Record<SpanAttribute, string | number | null>>>;

/** What is traced, in the order a delivery meets it. */
export type SpanName = 'receive' | 'dispatch' | 'fold' | `activity ${string}`;

export interface SpanStart {
  readonly kind: 'server' | 'consumer' | 'internal';
  /** The `traceparent` of what caused it; null starts a trace. */
  readonly parent: string | null;
  /** `traceparent` values of what it also has to do with. */
  readonly links?: readonly string[];
  /** Unix time in milliseconds; absent: now. */
  readonly startedAtMs?: number;
  readonly attributes: SpanAttributes;
}

/** A span that has begun. One that is never ended is never sent. */
export interface OpenSpan {
  /** By the W3C's Trace Context, for whoever goes on with the trace. */
  readonly traceparent: string;
  readonly traceId: string;
  /** `failure` is the name of what went wrong, never its text, which may quote what was received. */
  end(attributes?: SpanAttributes, failure?: string): void;
}

/** Where spans begin; answers null where nothing is traced, so that nothing is computed for nobody. */
export interface Tracing {
  start(name: SpanName, start: SpanStart): OpenSpan | null;
  /** Sends what waits, within a bound, and ends. */
  stop(): Promise<void>;
}

/** What holds where no collector is configured. */
export const NOT_TRACING: Tracing = { start: () => null, stop: () => Promise.resolve() };

/** Where spans are sent, and which share of traces, 0 to 1. */
export interface TracingConfiguration {
  /** The collector's base address; spans are posted to `/v1/traces` below it. */
  readonly endpoint: string;
  /** Sent along, such as a token of the collector's. */
  readonly headers: Readonly<Record<string, string>>;
  readonly share: number;
}

/** The parts of a `traceparent`. */
export interface TraceContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly sampled: boolean;
}

const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/;

/** Reads a `traceparent` of version 00; null for anything else. */
export function parseTraceparent(text: string | null | undefined): TraceContext | null {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(text ?? '') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return null;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

/** The header value by which a trace is gone on with. */
export function formatTraceparent({ traceId, spanId, sampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;
}
