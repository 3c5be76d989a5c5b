import { randomUUID } from 'node:crypto';

import fc from 'fast-check';

import { startDispatcher, withinBytes } from '../../src/dispatch/dispatcher';
import type { FlowStarter } from '../../src/temporal/flow-client';
import type { PartnerDecoder } from '../../src/partners/event';
import type { Claim } from '../../src/store/deliveries/claims';
import { eventually } from '../support/eventually';
import { decoderOf, decodingOtherwise } from '../support/partners';
import { type Harness, openHarness, outcomes } from '../workflows/harness';

describe('memory stays bounded whatever the backlog', () => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await openHarness();
  });
  afterEach(() => harness.close());

  test('a backlog of large bodies is loaded piece by piece, each within the limit', async () => {
    const batchBytes = 10_000;
    const pieces: number[] = [];
    let isSameRun = false;
    const { partners } = harness.dependencies;
    const decoder = decoderOf(partners, 'tradevest');
    const decode: PartnerDecoder['decode'] = (route, body) => {
      pieces.push((isSameRun ? (pieces.pop() ?? 0) : 0) + body.length);
      isSameRun = true;
      return decoder.decode(route, body, 'a-delivery');
    };
    const { flows } = harness.dependencies;
    const signalWithStart: FlowStarter['signalWithStart'] = async (address, notification) => {
      isSameRun = false;
      return flows.signalWithStart(address, notification);
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
      { batchSize: 50, batchBytes, leaseMs: 30_000, pollMs: 50 },
    );
    await eventually(async () => expect(await outcomes(harness)).toEqual(sizes.map(() => 'delivered')));
    await dispatcher.stop();
    expect(pieces.length).toBeGreaterThan(3);
    expect(pieces.filter((bytes) => bytes > batchBytes)).toHaveLength(1);
  });

  test('claims cut into runs keep their order, lose nothing, and only a body larger than the limit exceeds it, alone', () => {
    const claim = (bodyBytes: number, index: number): Claim => ({
      id: String(index),
      position: String(index),
      partner: 'tradevest',
      route: 'test',
      receivedAt: new Date(),
      verdict: 'authentic',
      source: 'webhook',
      bodyBytes,
      attempts: 1,
      refusals: 0,
      traceparent: null,
      leaseToken: 'token',
    });
    fc.assert(
      fc.property(fc.array(fc.nat(300), { maxLength: 40 }), fc.integer({ min: 1, max: 400 }), (sizes, limitBytes) => {
        const claims = sizes.map(claim);
        const runs = withinBytes(claims, limitBytes);
        expect(runs.flat()).toEqual(claims);
        const bytesOf = (run: readonly Claim[]): number => run.reduce((sum, { bodyBytes }) => sum + bodyBytes, 0);
        expect(runs.filter((run) => run.length !== 1 && bytesOf(run) > limitBytes)).toEqual([]);
      }),
    );
  });
});
