import { createPolicies, DEFAULT_POLICY_SETTINGS } from '../../src/config/policy';
import { decide, NO_FACTS } from '../../src/dispatch/decide';
import { decodingOf } from '../../src/dispatch/decode';
import { PARTNERS } from '../../src/partners';
import type { Decoding } from '../../src/partners/event';
import type { Claim } from '../../src/store/deliveries/due';

const claim: Claim = {
  id: 'f2a1b0de-6a55-4a41-9d1c-6f3f2d6f6c11',
  position: '1',
  partner: 'bitpanda',
  route: 'automated-orders',
  receivedAt: new Date('2026-01-31T12:00:00Z'),
  verdict: 'signature-too-old',
  isAccepted: false,
  source: 'webhook',
  bodyBytes: 2,
  attempts: 1,
  refusals: 0,
  failingForMs: 0,
  leaseToken: '5b0c3e2c-6a0f-4f1d-8c5e-4f6f1f0f9a01',
  traceparent: null,
};
const unknown = { path: 'params.status', expected: 'a known status', found: 'odd' };

const decisionOn = (one: Claim, decoding: Decoding) =>
  decide({ claim: one, ...decodingOf(one, decoding) }, NO_FACTS, {
    mostTries: 3,
    policies: createPolicies(DEFAULT_POLICY_SETTINGS, 1),
    partners: PARTNERS,
  });

test('what was signed too long ago is parked for that, also where its body could not be understood', () => {
  const decision = decisionOn(claim, { ok: false, event: 'automated-orders', problem: unknown });
  expect(decision).toMatchObject({ kind: 'parked', event: 'automated-orders' });
  expect(decision).toMatchObject({ problem: { path: 'signature', found: 'signature-too-old' } });
});

test('what was only observed is parked for that, with the reason', () => {
  const observed: Claim = { ...claim, verdict: 'signature-observed: content-digest' };
  expect(decisionOn(observed, { ok: false, event: null, problem: unknown })).toMatchObject({
    kind: 'parked',
    problem: { path: 'signature', found: 'signature-observed: content-digest' },
  });
});

test.each(['signature-too-old', 'signature-observed: signature-wrong'] as const)(
  'what an operator has accepted although it is %s is judged by what its body holds',
  (verdict) => {
    const accepted: Claim = { ...claim, verdict, isAccepted: true };
    const decision = decisionOn(accepted, { ok: false, event: null, problem: unknown });
    expect(decision).toMatchObject({ kind: 'parked', problem: unknown });
  },
);

test('what was signed in time is parked for what its body holds', () => {
  const inTime: Claim = { ...claim, verdict: 'authentic' };
  const decision = decisionOn(inTime, { ok: false, event: null, problem: unknown });
  expect(decision).toMatchObject({ kind: 'parked', event: null, problem: unknown });
});
