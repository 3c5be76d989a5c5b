import type { DecodedDelivery } from '../../src/dispatch/decode';
import { createUnderWay } from '../../src/dispatch/under-way';

const LIMITS = { batchSize: 10, batchBytes: 1_000, mostUnderWay: 10 };

function delivery(id: string, bodyBytes: number): DecodedDelivery {
  const claim = {
    ...{
      id,
      position: '1',
      partner: 'tradevest',
      route: 'test',
      receivedAt: new Date(),
      verdict: 'authentic' as const,
      isAccepted: false,
    },
    ...{ source: 'webhook' as const, bodyBytes, attempts: 1, refusals: 0, failingForMs: 0, traceparent: null },
    leaseToken: 'a-token',
  };
  return { claim, kind: 'failed', failure: 'none' };
}

test('a delivery that is claimed again while its first batch goes on counts once, and leaves nothing behind', async () => {
  const underWay = createUnderWay(() => LIMITS);
  const ends: (() => void)[] = [];
  const batch = () => new Promise<'done'>((resolve) => ends.push(() => resolve('done')));
  underWay.add([delivery('slow', 400)], batch);
  underWay.add([delivery('slow', 400)], batch);
  expect(await underWay.capacity()).toEqual({ limit: 9, bytes: 600 });
  for (const end of ends) end();
  await underWay.ended();
  expect(await underWay.capacity()).toEqual({ limit: 10, bytes: 1_000 });
});
