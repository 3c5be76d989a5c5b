import type { Script } from '../script';
import { disturbed } from './disturbed';
import { goes, scriptsOf } from './scripts';
import { ends, foundByRead, moves, movesOf, says, silently, silentlyOf, stuck } from './steps';

/** Proxies and owners are not shown by themselves: a demonstration shows them beside an onboarding. */
const well: readonly Script[] = scriptsOf({ partner: 'tradevest', kind: 'customer' }, [
  goes('customer-goes', 'A customer is created, checked and active.', ['CREATED', 'PENDING', 'ACTIVE']),
  goes(
    'natural-person-goes',
    'A natural person is reviewed by an administrator and active.',
    ['PENDING', 'REVIEW', 'ACTIVE'],
    { kind: 'natural-person' },
  ),
  goes('proxy-goes', 'A proxy is created, checked and active.', ['CREATED', 'PENDING', 'ACTIVE'], {
    kind: 'proxy',
    objects: 0,
  }),
  goes(
    'beneficial-owner-goes',
    'A beneficial owner is created, checked and active.',
    ['CREATED', 'PENDING', 'ACTIVE'],
    { kind: 'beneficial-owner', objects: 0 },
  ),
  goes(
    'identification-goes',
    'An identification is approved; its document is read.',
    ['RECEIVED', 'PENDING', 'APPROVED'],
    { kind: 'identification' },
  ),
  goes('product-goes', 'A customer product becomes active.', ['RECEIVED', 'PENDING', 'ACTIVE'], { kind: 'product' }),
  goes('user-goes', 'An account of our staff becomes active.', ['RECEIVED', 'PENDING', 'ACTIVE'], { kind: 'user' }),
  goes('offboarding-goes', 'An offboarding waits its two months and is approved.', ['CREATED', 'PENDING', 'APPROVED'], {
    kind: 'offboarding',
  }),
  goes('offboarding-immediate-goes', 'An immediate offboarding is approved the same day.', ['PENDING', 'APPROVED'], {
    kind: 'offboarding-immediate',
  }),
  goes('customer-suspended', 'An active customer is suspended, and active again.', ['ACTIVE', 'SUSPENDED', 'ACTIVE']),
  {
    name: 'customer-update-refused',
    title: 'A change of a customer is refused: a reason, no status, and the customer stays active.',
    steps: [...moves('ACTIVE'), { do: 'refuse-update', reason: 'ALREADY_EXISTS_ERROR' }],
    expected: ends('ACTIVE', 2),
  },
  {
    name: 'customer-contradicted',
    title: 'An active customer is said to be rejected, which its object denies.',
    misbehaviours: ['contradicting status'],
    steps: [...moves('PENDING', 'ACTIVE'), says('REJECTED')],
    expected: ends('ACTIVE', 2, { outcomes: { applied: 2, illegal: 1 } }),
  },
]);

const NAMED = { customer: 'customer', person: 'natural-person', document: 'document' } as const;

const onboardings: readonly Script[] = scriptsOf({ partner: 'tradevest', kind: 'onboarding' }, [
  {
    name: 'onboarding-approved',
    title: 'An onboarding is approved, and everyone it names becomes active.',
    companions: { ...NAMED, proxy: 'proxy', owner: 'beneficial-owner' },
    steps: [
      ...moves('CREATED'),
      ...movesOf('customer', 'ACTIVE'),
      ...movesOf('person', 'ACTIVE'),
      ...movesOf('proxy', 'ACTIVE'),
      ...movesOf('owner', 'ACTIVE'),
      ...moves('APPROVED'),
      ...movesOf('document', 'APPROVED'),
    ],
    expected: ends('APPROVED', 2),
  },
  {
    name: 'onboarding-customer-unfinished',
    title: 'An onboarding is approved, but its customer never becomes active.',
    misbehaviours: ['named object unfinished'],
    companions: { customer: 'customer', person: 'natural-person' },
    steps: [...movesOf('person', 'ACTIVE'), ...movesOf('customer', 'CREATED'), ...moves('APPROVED')],
    expected: ends('APPROVED', 1, { ...stuck, owes: ['customer'] }),
  },
  {
    name: 'onboarding-customer-webhook-lost',
    title: 'An onboarding is approved; that its customer is active, only a read shows.',
    misbehaviours: ['lost webhook of a named object'],
    companions: { customer: 'customer' },
    steps: [...movesOf('customer', 'CREATED'), silentlyOf('customer', 'ACTIVE'), ...moves('APPROVED')],
    expected: ends('APPROVED', 1),
  },
  {
    name: 'onboarding-fixable',
    title: 'An onboarding is rejected for something that can be fixed: its customer goes back to CREATED.',
    companions: { customer: 'customer' },
    steps: [
      ...movesOf('customer', 'PENDING'),
      ...moves('PENDING'),
      ...movesOf('customer', 'CREATED'),
      ...moves('REJECTED'),
    ],
    expected: ends('REJECTED', 2, { facts: { rejection: 'fixable' } }),
  },
  {
    name: 'onboarding-critical',
    title: 'An onboarding is rejected for good: its customer is rejected as well.',
    companions: { customer: 'customer' },
    steps: [...moves('PENDING'), ...movesOf('customer', 'REJECTED'), ...moves('REVIEW', 'REJECTED')],
    expected: ends('REJECTED', 3, { facts: { rejection: 'critical' } }),
  },
  goes('onboarding-invalid', 'An onboarding never starts, because it is invalid.', ['INVALID']),
]);

/** Scripts of people, roles and onboardings of a Tradevest, with and without misbehaviour. */
export const tradevestPeople: readonly Script[] = [
  ...well,
  ...onboardings,
  ...disturbed({
    partner: 'tradevest',
    kind: 'onboarding',
    name: 'onboarding',
    noun: 'onboarding',
    middle: 'PENDING',
    end: 'APPROVED',
    after: 'repeated',
    readsEnd: true,
    shown: ['end-lost', 'reversed', 'unknown', 'absent'],
  }),
  ...scriptsOf({ partner: 'tradevest', kind: 'identification' }, [
    {
      name: 'identification-end-lost',
      title: 'The approval of an identification is lost; the read brings it and the document.',
      misbehaviours: ['lost at the end'],
      steps: [...moves('PENDING'), silently('APPROVED')],
      expected: ends('APPROVED', 1, foundByRead),
    },
  ]),
];
