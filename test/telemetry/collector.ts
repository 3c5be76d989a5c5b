import { createServer } from 'node:http';

/** A span as a collector was sent it. */
export interface SentSpan {
  readonly service: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly failure: string | null;
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
}

/** The part of OpenTelemetry's protocol over HTTP that a trace needs. */
export interface Collector {
  readonly url: string;
  readonly spans: readonly SentSpan[];
  /** All that was sent, as it was sent. */
  readonly raw: () => string;
  /** The `authorization` headers that came along. */
  readonly credentials: ReadonlySet<string>;
  close(): Promise<void>;
}

interface AnyValue {
  readonly stringValue?: string;
  readonly intValue?: number | string;
  readonly doubleValue?: number;
}

type Attributes = readonly { readonly key: string; readonly value: AnyValue }[];

function valuesOf(attributes: Attributes): Record<string, string | number> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [
      key,
      value.stringValue ?? Number(value.intValue ?? value.doubleValue ?? Number.NaN),
    ]),
  );
}

function spansOf(text: string): SentSpan[] {
  const body = JSON.parse(text);
  const spans: SentSpan[] = [];
  for (const { resource, scopeSpans } of body.resourceSpans) {
    const service = String(valuesOf(resource.attributes)['service.name']);
    for (const scope of scopeSpans)
      for (const { traceId, spanId, parentSpanId, name, status, attributes, links } of scope.spans) {
        const failure = status.code === 2 ? String(status.message) : null;
        const own = valuesOf(attributes);
        spans.push({
          service,
          traceId,
          spanId,
          parentSpanId: parentSpanId ?? '',
          name,
          failure,
          attributes: own,
          links,
        });
      }
  }
  return spans;
}

export async function startCollector(): Promise<Collector> {
  const spans: SentSpan[] = [];
  const texts: string[] = [];
  const credentials = new Set<string>();
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      texts.push(text);
      credentials.add(incoming.headers.authorization ?? '');
      if (incoming.url === '/v1/traces') spans.push(...spansOf(text));
      outgoing.writeHead(200, { 'content-type': 'application/json' });
      outgoing.end('{}');
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  return {
    url: `http://127.0.0.1:${String(port)}`,
    spans,
    raw: () => texts.join('\n'),
    credentials,
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => void server.close(() => resolve()));
    },
  };
}
