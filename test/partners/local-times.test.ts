import { createPolicies, DEFAULT_POLICY_SETTINGS } from '../../src/config/policy';
import type { LocalClocks } from '../../src/domain/lifecycles/local-calendar';
import { decoders, type KnownPartner } from '../support/partners';

const clocksOf = (timeZone: Readonly<Record<string, string>>): LocalClocks | undefined =>
  createPolicies({ ...DEFAULT_POLICY_SETTINGS, timeZone }, 1).localClockOf;

const PLAN = {
  savings_plan_id: 'plan',
  external_transaction_id: 'recurrence',
  user_id: 'u1',
  fiat_amount: '25.00',
  savings_plan_frequency: 'monthly',
  savings_plan_next_recurrence: '2026-08-15T12:00:00+02:00',
  savings_plan_transaction_confirmation_deadline: '2026-07-15T12:00:00',
};

/** A webhook of each partner with a time that has no offset: noon of a day of July. */
const WEBHOOKS: readonly (readonly [KnownPartner, route: string, body: object])[] = [
  ['bitpanda', 'savings-plan-upcoming-trade-v2', { params: PLAN }],
  ['bitpanda', 'bitpanda', { params: PLAN }],
  ['tradevest', 'customer-notification', { customerId: 'c', status: 'PENDING', modifiedOn: '2026-07-15T12:00:00' }],
  [
    'coinify',
    'coinify',
    { id: 'e', time: '2026-07-15T12:00:00', event: 'identification-attempt.approved', context: { traderId: '501' } },
  ],
];

function hourOf([partner, route, body]: (typeof WEBHOOKS)[number], clocks?: LocalClocks): string | undefined {
  const decoding = decoders[partner].decode(route, Buffer.from(JSON.stringify(body)), 'a delivery', clocks);
  if (!decoding.ok) throw new Error(JSON.stringify(decoding.problem));
  return /2026-07-15T(\d\d):00:00/.exec(JSON.stringify(decoding.decoded.content))?.[1];
}

test.each(WEBHOOKS)('a time of %s by %s is UTC, and local where the policy names its zone', (...webhook) => {
  const [partner] = webhook;
  expect(hourOf(webhook)).toBe('12');
  expect(hourOf(webhook, clocksOf({}))).toBe('12');
  expect(hourOf(webhook, clocksOf({ [partner]: 'Europe/Vienna' }))).toBe('10');
  expect(hourOf(webhook, clocksOf({ [`${partner}:nothing`]: 'Europe/Vienna' }))).toBe('12');
});

test('the nearest zone counts: of the object, else of the lifecycle, else of the partner', () => {
  const [plan] = WEBHOOKS;
  if (plan === undefined) throw new Error('expected a webhook');
  const zones = { bitpanda: 'Europe/Vienna', 'bitpanda:savingsPlan': 'America/New_York' };
  expect(hourOf(plan, clocksOf(zones))).toBe('16');
  expect(hourOf(plan, clocksOf({ ...zones, 'bitpanda:savings-plan': 'Asia/Tokyo' }))).toBe('03');
});
