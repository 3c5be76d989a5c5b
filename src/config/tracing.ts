import type { VariableReader } from '../codecs/environment';
import type { TracingConfiguration } from '../telemetry/tracing';

/**
 * Destination of spans; null where no collector is configured. A setting that only a collector could use is wrong
 * without one.
 */
export function readTracing(read: VariableReader): TracingConfiguration | null {
  const endpoint = read.url('OTEL_EXPORTER_OTLP_ENDPOINT');
  const headers = headersOf(read, 'OTEL_EXPORTER_OTLP_HEADERS');
  const share = read.number('OTEL_TRACES_SAMPLER_ARG', 1, 0, 1, false);
  if (endpoint !== undefined) return { endpoint, headers, share };
  if (!read.isSet('OTEL_EXPORTER_OTLP_ENDPOINT')) {
    for (const name of ['OTEL_EXPORTER_OTLP_HEADERS', 'OTEL_TRACES_SAMPLER_ARG'])
      if (read.isSet(name)) read.complain('OTEL_EXPORTER_OTLP_ENDPOINT', `a URL, because ${name} is set`, 'nothing');
  }
  return null;
}

const PAIR = /^\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*=\s*([^\s,;=][^\s,;]*)\s*$/;

function headersOf(read: VariableReader, name: string): Readonly<Record<string, string>> {
  const text = read.text(name);
  if (text === undefined) return {};
  const pairs = text.split(',').map((one) => {
    const [, key, value] = PAIR.exec(one) ?? [];
    const plain = value === undefined ? null : unescaped(value);
    return key === undefined || plain === null ? null : ([key, plain] as const);
  });
  const usable = pairs.filter((pair) => pair !== null);
  if (usable.length < pairs.length) {
    read.complain(name, 'name=value pairs separated by commas, values percent-encoded', 'something else among them');
  }
  return Object.fromEntries(usable);
}

function unescaped(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
