import { parked } from '../../src/dispatch/decide';
import type { Claim } from '../../src/store/deliveries/claims';

const claim: Claim = {
  id: 'f2a1b0de-6a55-4a41-9d1c-6f3f2d6f6c11',
  position: '1',
  partner: 'bitpanda',
  route: 'automated-orders',
  receivedAt: new Date('2026-01-31T12:00:00Z'),
  verdict: 'signature-too-old',
  source: 'webhook',
  bodyBytes: 2,
  attempts: 1,
  refusals: 0,
  leaseToken: '5b0c3e2c-6a0f-4f1d-8c5e-4f6f1f0f9a01',
  traceparent: null,
};
const unknown = { path: 'params.status', expected: 'a known status', found: 'odd' };

test('what was signed too long ago is parked for that, also where its body could not be understood', () => {
  const settlement = parked(claim, { ok: false, event: 'automated-orders', problem: unknown });
  expect(settlement).toMatchObject({ status: 'parked', event: 'automated-orders' });
  expect(settlement).toMatchObject({ problem: { path: 'signature', found: 'signature-too-old' } });
});

test('what was signed in time is parked for what its body holds', () => {
  const inTime: Claim = { ...claim, verdict: 'authentic' };
  expect(parked(inTime, { ok: false, event: null, problem: unknown })).toMatchObject({ event: null, problem: unknown });
});
