import type { Script } from '../script';
import { disturbed } from './disturbed';
import { ends, moves, movesOf, says, silently, silentlyOf } from './steps';

const tradevest = { misbehaviours: [], partner: 'tradevest', objects: 1 } as const;

/** Script of a kind that goes through its states and comes to rest. */
function goes(kind: string, title: string, states: readonly string[]): Script {
  const end = states.at(-1) ?? '';
  const steps = states.flatMap(moves);
  return { ...tradevest, name: `${kind}-goes`, title, kind, steps, expected: ends(end, states.length) };
}

/** Script that a demonstration does not show by itself, because it shows the kind beside an onboarding. */
function unshown(kind: string, title: string, states: readonly string[]): Script {
  return { ...goes(kind, title, states), objects: 0 };
}

const well: readonly Script[] = [
  goes('customer', 'A customer is created, checked and active.', ['CREATED', 'PENDING', 'ACTIVE']),
  goes('natural-person', 'A natural person is reviewed by an administrator and active.', [
    'PENDING',
    'REVIEW',
    'ACTIVE',
  ]),
  unshown('proxy', 'A proxy is created, checked and active.', ['CREATED', 'PENDING', 'ACTIVE']),
  unshown('beneficial-owner', 'A beneficial owner is created, checked and active.', ['CREATED', 'PENDING', 'ACTIVE']),
  goes('identification', 'An identification is approved; its document is read.', ['RECEIVED', 'PENDING', 'APPROVED']),
  goes('product', 'A customer product becomes active.', ['RECEIVED', 'PENDING', 'ACTIVE']),
  goes('user', 'An account of our staff becomes active.', ['RECEIVED', 'PENDING', 'ACTIVE']),
  goes('offboarding', 'An offboarding waits its two months and is approved.', ['CREATED', 'PENDING', 'APPROVED']),
  goes('offboarding-immediate', 'An immediate offboarding is approved the same day.', ['PENDING', 'APPROVED']),
  {
    ...tradevest,
    name: 'customer-suspended',
    title: 'An active customer is suspended, and active again.',
    kind: 'customer',
    steps: [...moves('ACTIVE'), ...moves('SUSPENDED'), ...moves('ACTIVE')],
    expected: ends('ACTIVE', 3),
  },
  {
    ...tradevest,
    name: 'customer-update-refused',
    title: 'A change of a customer is refused: a reason, no status, and the customer stays active.',
    kind: 'customer',
    steps: [...moves('ACTIVE'), { do: 'refuse-update', reason: 'ALREADY_EXISTS_ERROR' }],
    expected: ends('ACTIVE', 2),
  },
  {
    ...tradevest,
    name: 'customer-contradicted',
    title: 'An active customer is said to be rejected, which its object denies.',
    misbehaviours: ['contradicting status'],
    kind: 'customer',
    steps: [...moves('PENDING'), ...moves('ACTIVE'), says('REJECTED')],
    expected: ends('ACTIVE', 2, { outcomes: { applied: 2, illegal: 1 } }),
  },
];

const NAMED = { customer: 'customer', person: 'natural-person', document: 'document' } as const;

const onboardings: readonly Script[] = [
  {
    ...tradevest,
    name: 'onboarding-approved',
    title: 'An onboarding is approved, and everyone it names becomes active.',
    kind: 'onboarding',
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
    ...tradevest,
    name: 'onboarding-customer-unfinished',
    title: 'An onboarding is approved, but its customer never becomes active.',
    misbehaviours: ['named object unfinished'],
    kind: 'onboarding',
    companions: { customer: 'customer', person: 'natural-person' },
    steps: [...movesOf('person', 'ACTIVE'), ...movesOf('customer', 'CREATED'), ...moves('APPROVED')],
    expected: ends('APPROVED', 1, {
      endBy: null,
      open: true,
      overdue: true,
      findings: { exactly: ['slow'] },
      owes: ['customer'],
    }),
  },
  {
    ...tradevest,
    name: 'onboarding-customer-webhook-lost',
    title: 'An onboarding is approved; that its customer is active, only a read shows.',
    misbehaviours: ['lost webhook of a named object'],
    kind: 'onboarding',
    companions: { customer: 'customer' },
    steps: [...movesOf('customer', 'CREATED'), silentlyOf('customer', 'ACTIVE'), ...moves('APPROVED')],
    expected: ends('APPROVED', 1),
  },
  {
    ...tradevest,
    name: 'onboarding-fixable',
    title: 'An onboarding is rejected for something that can be fixed: its customer goes back to CREATED.',
    kind: 'onboarding',
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
    ...tradevest,
    name: 'onboarding-critical',
    title: 'An onboarding is rejected for good: its customer is rejected as well.',
    kind: 'onboarding',
    companions: { customer: 'customer' },
    steps: [...moves('PENDING'), ...movesOf('customer', 'REJECTED'), ...moves('REVIEW'), ...moves('REJECTED')],
    expected: ends('REJECTED', 3, { facts: { rejection: 'critical' } }),
  },
  {
    ...tradevest,
    name: 'onboarding-invalid',
    title: 'An onboarding never starts, because it is invalid.',
    kind: 'onboarding',
    steps: [...moves('INVALID')],
    expected: ends('INVALID', 1),
  },
];

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
  {
    ...tradevest,
    name: 'identification-end-lost',
    title: 'The approval of an identification is lost; the read brings it and the document.',
    misbehaviours: ['lost at the end'],
    kind: 'identification',
    steps: [...moves('PENDING'), silently('APPROVED')],
    expected: ends('APPROVED', 1, { endBy: 'read', findings: { exactly: ['missed'] }, recovered: 1 }),
  },
];
