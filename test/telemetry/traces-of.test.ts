import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import fc from 'fast-check';

import { tracesOf } from '../../src/telemetry/flow-traces';
import { formatTraceparent, parseTraceparent } from '../../src/telemetry/tracing';

const FIRST = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const SECOND = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00';

const tracesIn = (payload: Payload) => tracesOf({ '_tracer-data': payload });

describe('the header that a trace goes by', () => {
  test('names what the flow heard last, and what else', () => {
    expect(tracesIn(defaultPayloadConverter.toPayload({ traceparent: FIRST }))).toEqual([FIRST]);
    const both = { traceparent: FIRST, others: [SECOND, 'nonsense', 3] };
    expect(tracesIn(defaultPayloadConverter.toPayload(both))).toEqual([FIRST, SECOND]);
    expect(tracesOf({})).toEqual([]);
  });

  test('never makes an activity fail, whatever is in it', () => {
    const encrypted = { metadata: { encoding: Buffer.from('binary/encrypted') }, data: Buffer.from('x') };
    expect(tracesIn(encrypted)).toEqual([]);
    for (const content of [null, 3, 'text', [], { others: 'x' }])
      expect(tracesIn(defaultPayloadConverter.toPayload(content))).toEqual([]);
  });

  test('is read as it is written, and nothing else is taken for one', () => {
    const hex = (length: number) => fc.stringMatching(new RegExp(`^[1-9a-f][0-9a-f]{${String(length - 1)}}$`));
    fc.assert(
      fc.property(hex(32), hex(16), fc.boolean(), (traceId, spanId, sampled) => {
        const context = { traceId, spanId, sampled };
        expect(parseTraceparent(formatTraceparent(context))).toEqual(context);
      }),
    );
    const wrong = [
      '',
      FIRST.toUpperCase(),
      `${FIRST}-x`,
      `01${FIRST.slice(2)}`,
      FIRST.replace(/4bf92f\w+/, '0'.repeat(32)),
      FIRST.replace('00f067aa0ba902b7', '0'.repeat(16)),
    ];
    for (const text of wrong) expect(parseTraceparent(text)).toBeNull();
  });
});
