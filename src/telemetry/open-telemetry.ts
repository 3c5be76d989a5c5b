import {
  type Link,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { Resource } from '@opentelemetry/resources';
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  ParentBasedSampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base';
import type { Logger } from 'pino';

import {
  formatTraceparent,
  type OpenSpan,
  parseTraceparent,
  type SpanAttributes,
  type SpanStart,
  type Tracing,
  type TracingConfiguration,
} from './tracing';

/**
 * Number of spans that may wait for a collector that is away; further ones are dropped, because memory is for
 * deliveries.
 */
const MOST_WAITING = 2_048;
const SEND_TIMEOUT_MS = 5_000;
const SEND_EVERY_MS = 1_000;
const STOP_TIMEOUT_MS = 3_000;

const KINDS = { server: SpanKind.SERVER, consumer: SpanKind.CONSUMER, internal: SpanKind.INTERNAL } as const;

/**
 * Tracing to an OpenTelemetry collector over HTTP. Contexts are passed as values, never by the library's global one:
 * a delivery's trace goes through the database, where no global context can follow.
 */
export function startTracing(configuration: TracingConfiguration, service: string, logger: Logger): Tracing {
  const exporter = new OTLPTraceExporter({
    url: `${configuration.endpoint}/v1/traces`,
    headers: { ...configuration.headers },
    timeoutMillis: SEND_TIMEOUT_MS,
  });
  const provider = new BasicTracerProvider({
    resource: new Resource({ 'service.name': service }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(configuration.share) }),
    spanProcessors: [
      new BatchSpanProcessor(withLossReports(exporter, logger), {
        maxQueueSize: MOST_WAITING,
        scheduledDelayMillis: SEND_EVERY_MS,
        exportTimeoutMillis: SEND_TIMEOUT_MS,
      }),
    ],
  });
  const tracer = provider.getTracer('partnerflow');
  return {
    start: (name, { kind, parent, links = [], startedAtMs, attributes }: SpanStart) => {
      const parentContext = spanContextOf(parent);
      const context = parentContext === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parentContext);
      const linked = links.flatMap((link): Link[] => {
        const linkContext = spanContextOf(link);
        return linkContext === null ? [] : [{ context: linkContext }];
      });
      const options = { kind: KINDS[kind], links: linked, attributes: attributesOf(attributes) };
      const startTime = startedAtMs === undefined ? {} : { startTime: startedAtMs };
      return openSpan(tracer.startSpan(name, { ...options, ...startTime }, context));
    },
    stop: () => within(provider.shutdown(), STOP_TIMEOUT_MS),
  };
}

const REPORT_EVERY_MS = 60_000;
const SENT = 0;

/** Exporter that reports lost spans once a minute: a line per batch would hide other problems in the log. */
function withLossReports(exporter: SpanExporter, logger: Logger): SpanExporter {
  let reportedAtMs = Number.NEGATIVE_INFINITY;
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        const code: number = result.code;
        if (code !== SENT && performance.now() - reportedAtMs > REPORT_EVERY_MS) {
          reportedAtMs = performance.now();
          logger.warn({ spans: spans.length }, 'spans could not be sent to the collector, and are dropped');
        }
        done(result);
      }),
    shutdown: () => exporter.shutdown(),
  };
}

function spanContextOf(traceparent: string | null): SpanContext | null {
  const context = parseTraceparent(traceparent);
  if (context === null) return null;
  const { traceId, spanId, sampled } = context;
  return { traceId, spanId, traceFlags: sampled ? 1 : 0, isRemote: true };
}

function attributesOf(attributes: SpanAttributes): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(attributes).flatMap(([name, value]) => (value === null ? [] : [[name, value]])),
  );
}

function openSpan(span: Span): OpenSpan {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return {
    traceId,
    traceparent: formatTraceparent({ traceId, spanId, sampled: (traceFlags & 1) === 1 }),
    end: (attributes = {}, failure) => {
      span.setAttributes(attributesOf(attributes));
      if (failure !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: failure });
      span.end();
    },
  };
}

function within(work: Promise<unknown>, timeoutMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, timeoutMs);
    work
      .catch(() => undefined)
      .finally(() => {
        clearTimeout(timer);
        resolve();
      });
  });
}
