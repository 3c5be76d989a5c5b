import { readConfiguration } from '../support/partners';
import { ConfigurationError } from '../../src/codecs/environment';

const LEAST = { DATABASE_URL: 'postgres://localhost/x' };

function tracingOf(environment: Readonly<Record<string, string>>) {
  return readConfiguration({ ...LEAST, ...environment }, 'receive').tracing;
}

function complaints(environment: Readonly<Record<string, string>>): string {
  try {
    tracingOf(environment);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message;
    throw error;
  }
  return '';
}

describe('where spans are sent', () => {
  test('is nowhere unless a collector is named', () => {
    expect(tracingOf({})).toBeNull();
    expect(tracingOf({ OTEL_EXPORTER_OTLP_ENDPOINT: '' })).toBeNull();
  });

  test('is a collector with its headers unescaped, and a share of the deliveries', () => {
    expect(
      tracingOf({
        OTEL_EXPORTER_OTLP_ENDPOINT: 'https://collector.test:4318/',
        OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20abc, x-tenant=a',
        OTEL_TRACES_SAMPLER_ARG: '0.25',
      }),
    ).toEqual({
      endpoint: 'https://collector.test:4318',
      headers: { authorization: 'Bearer abc', 'x-tenant': 'a' },
      share: 0.25,
    });
  });

  test('what only a collector could use is wrong without one', () => {
    const text = complaints({ OTEL_EXPORTER_OTLP_HEADERS: 'a=b', OTEL_TRACES_SAMPLER_ARG: '1' });
    expect(text).toContain('OTEL_EXPORTER_OTLP_ENDPOINT: expected a URL, because OTEL_EXPORTER_OTLP_HEADERS is set');
    expect(text).toContain('OTEL_EXPORTER_OTLP_ENDPOINT: expected a URL, because OTEL_TRACES_SAMPLER_ARG is set');
  });

  test('names every bad variable at once, and no value that may be secret', () => {
    const text = complaints({
      OTEL_EXPORTER_OTLP_ENDPOINT: 'collector-secret:4318',
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer secret',
      OTEL_TRACES_SAMPLER_ARG: '2',
    });
    expect(text.match(/^OTEL_\w+/gm)).toEqual([
      'OTEL_EXPORTER_OTLP_ENDPOINT',
      'OTEL_EXPORTER_OTLP_HEADERS',
      'OTEL_TRACES_SAMPLER_ARG',
    ]);
    expect(text).not.toContain('secret');
  });
});
