import { randomUUID } from 'node:crypto';

import fc from 'fast-check';

import { firstWithin } from '../../src/dispatch/claim';
import { startDispatcher } from '../../src/dispatch/dispatcher';
import type { FlowStarter } from '../../src/temporal/flow-client';
import type { PartnerDecoder } from '../../src/partners/event';
import type { DueDelivery } from '../../src/store/deliveries/due';
import { DISPATCH_LIMITS } from '../support/dispatch';
import { eventually } from '../support/eventually';
import { decoderOf, decodingOtherwise } from '../support/partners';
import { type Harness, openHarness, outcomes } from '../workflows/harness';

describe('memory stays bounded whatever the backlog', () => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await openHarness();
  });
  afterEach(() => harness.close());

  test('a backlog of large bodies is loaded piece by piece: none beside others that reach the limit already', async () => {
    const batchBytes = 10_000;
    const held = new Map<string, number>();
    let most = 0;
    const { partners } = harness.dependencies;
    const decoder = decoderOf(partners, 'tradevest');
    const decode: PartnerDecoder['decode'] = (route, body) => {
      const decoding = decoder.decode(route, body, 'a-delivery');
      if (decoding.ok) held.set(decoding.decoded.subject.id, body.length);
      const before = [...held.values()].reduce((sum, each) => sum + each, 0) - body.length;
      most = Math.max(most, before);
      return decoding;
    };
    const { flows } = harness.dependencies;
    const signalWithStart: FlowStarter['signalWithStart'] = async (address, notification) => {
      const runId = await flows.signalWithStart(address, notification);
      held.delete(address.key.id);
      return runId;
    };
    const sizes = [4_000, 4_000, 4_000, 20_000, 10, 10, 9_000, 4_000];
    for (const size of sizes)
      await harness.keep(randomUUID(), 'PLACED', { key: randomUUID(), meaning: 'x'.repeat(size) });
    const dispatcher = startDispatcher(
      {
        ...harness.dependencies,
        partners: decodingOtherwise(partners, 'tradevest', decode),
        flows: { ...flows, signalWithStart },
      },
      { ...DISPATCH_LIMITS, batchBytes },
    );
    await eventually(async () => expect(await outcomes(harness)).toEqual(sizes.map(() => 'delivered')));
    await dispatcher.stop();
    expect(most).toBeLessThan(batchBytes);
    expect(most).toBeGreaterThan(0);
  });

  test('a claim takes the first that fit, in their order, and at least one; a body larger than the limit is taken alone', () => {
    const due = (bodyBytes: number, index: number): DueDelivery => ({
      id: String(index),
      position: String(index),
      partner: 'tradevest',
      route: 'test',
      receivedAt: new Date(),
      verdict: 'authentic',
      isAccepted: false,
      source: 'webhook',
      bodyBytes,
      attempts: 1,
      refusals: 0,
      failingForMs: 0,
      traceparent: null,
    });
    const sizesOf = fc.array(fc.nat(300), { minLength: 1, maxLength: 40 });
    const limitsOf = fc.record({ bytes: fc.integer({ min: 1, max: 400 }), limit: fc.integer({ min: 1, max: 50 }) });
    fc.assert(
      fc.property(sizesOf, limitsOf, (sizes, limits) => {
        const all = sizes.map(due);
        const taken = firstWithin(all, limits);
        expect(taken).toEqual(all.slice(0, taken.length));
        const bytesOf = (some: readonly DueDelivery[]): number =>
          some.reduce((sum, { bodyBytes }) => sum + bodyBytes, 0);
        expect(taken.length === 1 || (bytesOf(taken) <= limits.bytes && taken.length <= limits.limit)).toBe(true);
        const oneMore = all.slice(0, taken.length + 1);
        const isFull = taken.length === limits.limit || bytesOf(oneMore) > limits.bytes;
        expect(taken.length === all.length || isFull).toBe(true);
      }),
    );
  });
});
