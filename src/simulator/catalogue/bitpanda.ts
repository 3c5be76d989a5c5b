import type { Script } from '../script';
import { disturbed } from './disturbed';
import { ends, moves, says, silently, untilFound } from './steps';

const bitpanda = { misbehaviours: [], partner: 'bitpanda', objects: 1 } as const;

const orders: readonly Script[] = [
  {
    ...bitpanda,
    name: 'automated-order-finishes',
    title: 'An automated order is finished: the only webhook there is of it.',
    kind: 'automated-order',
    steps: [silently('created'), ...moves('finished')],
    expected: ends('finished', 1),
  },
  {
    ...bitpanda,
    name: 'automated-order-fails',
    title: 'An automated order fails because the price moved.',
    kind: 'automated-order',
    steps: [...moves('failed')],
    expected: ends('failed', 1),
  },
  {
    ...bitpanda,
    name: 'automated-order-cancelled',
    title: 'An automated order is cancelled by its user.',
    kind: 'automated-order',
    steps: [...moves('cancelled')],
    expected: ends('cancelled', 1),
  },
  {
    ...bitpanda,
    name: 'automated-order-repeated',
    title: 'The only webhook of an automated order comes twice.',
    misbehaviours: ['repeated'],
    kind: 'automated-order',
    steps: [...moves('finished'), { do: 'repeat' }],
    expected: ends('finished', 1, { duplicate: 1 }),
  },
  {
    ...bitpanda,
    name: 'automated-order-contradicted',
    title: 'A finished automated order is said to have failed.',
    misbehaviours: ['contradicting status'],
    kind: 'automated-order',
    steps: [...moves('finished'), says('failed')],
    expected: ends('finished', 1, { findings: { exactly: ['contradiction'] }, outcomes: { applied: 1, late: 1 } }),
  },
  {
    ...bitpanda,
    name: 'automated-order-lost',
    title: 'The only webhook of an automated order is lost; our own backend expected it, and it is read.',
    misbehaviours: ['lost, and expected'],
    kind: 'automated-order',
    steps: [silently('finished'), { do: 'expect' }],
    expected: ends('finished', 0, { endBy: 'read', findings: { exactly: ['missed'] }, outcomes: {}, recovered: 1 }),
  },
];

const transfers: readonly Script[] = [
  {
    ...bitpanda,
    name: 'crypto-withdrawal-finishes',
    title: 'A withdrawal of crypto assets is pending, processed and finished.',
    kind: 'crypto-withdrawal',
    steps: [...moves('pending'), ...moves('processing'), ...moves('finished')],
    expected: ends('finished', 3),
  },
  {
    ...bitpanda,
    name: 'crypto-withdrawal-canceled',
    title: 'A withdrawal of crypto assets is canceled.',
    kind: 'crypto-withdrawal',
    steps: [...moves('pending'), ...moves('canceled')],
    expected: ends('canceled', 2),
  },
  {
    ...bitpanda,
    name: 'crypto-deposit-explained',
    title: 'A deposit of crypto assets asks for details of its sender, and is finished.',
    kind: 'crypto-deposit-to-explain',
    steps: [...moves('pending'), ...moves('finished')],
    expected: ends('finished', 2),
  },
  ...disturbed({
    partner: 'bitpanda',
    kind: 'crypto-deposit',
    name: 'crypto-deposit',
    noun: 'deposit of crypto assets',
    middle: 'processing',
    end: 'finished',
    after: 'late',
    readsEnd: true,
    shown: ['end-late', 'forged', 'read-hangs', 'reads-down'],
  }),
];

const money: readonly Script[] = [
  {
    ...bitpanda,
    name: 'deposit-arrives',
    title: 'A deposit of ours has arrived; both versions of the webhook say so.',
    misbehaviours: ['two versions of one webhook'],
    kind: 'deposit',
    steps: [...moves('top-up-success'), says('top-up-success-v2')],
    expected: ends('top-up-success', 1, { duplicate: 1 }),
  },
  {
    ...bitpanda,
    name: 'payout-initiated',
    title: 'Money is on its way to us: announced, and initiated.',
    kind: 'payout',
    steps: [...moves('send-money-v2'), ...moves('send-money-success-v2')],
    expected: ends('send-money-success', 2),
  },
  {
    ...bitpanda,
    name: 'payout-old-versions',
    title: 'A payout is told by the older versions of its webhooks.',
    kind: 'payout',
    steps: [...moves('send-money'), ...moves('send-money-success')],
    expected: ends('send-money-success', 2),
  },
  {
    ...bitpanda,
    name: 'payout-reversed',
    title: 'That a payout was initiated overtakes its announcement.',
    misbehaviours: ['reordered'],
    kind: 'payout',
    steps: [silently('send-money-v2'), ...moves('send-money-success-v2'), says('send-money-v2')],
    expected: ends('send-money-success', 1, { outcomes: { applied: 1, late: 1 } }),
  },
  {
    ...bitpanda,
    name: 'payout-late',
    title: 'A payout is initiated later than it should; nothing can be read of it.',
    misbehaviours: ['slow partner'],
    kind: 'payout',
    steps: [...moves('send-money-v2'), untilFound('unreachable'), ...moves('send-money-success-v2')],
    expected: ends('send-money-success', 2, { findings: { exactly: ['unreachable'] } }),
  },
];

const users: readonly Script[] = [
  {
    ...bitpanda,
    name: 'user-verified',
    title: 'A user’s verification fails and succeeds later.',
    kind: 'user',
    steps: [...moves('verification-failed'), ...moves('verification')],
    expected: ends('verification', 2),
  },
  {
    ...bitpanda,
    name: 'user-repeated',
    title: 'The same update of a user comes twice.',
    misbehaviours: ['repeated'],
    kind: 'user',
    steps: [...moves('verification'), { do: 'repeat' }],
    expected: ends('verification', 1, { duplicate: 1 }),
  },
  {
    ...bitpanda,
    name: 'user-forged',
    title: 'Somebody with another key says that a user is verified.',
    misbehaviours: ['forged'],
    kind: 'user',
    steps: [...moves('verification-failed'), { do: 'forge', status: 'verification' }],
    expected: ends('verification-failed', 1, { rejected: 1 }),
  },
];

/** Scripts of a Bitpanda's objects that are followed by states, with and without misbehaviour. */
export const bitpandaFollowed: readonly Script[] = [...orders, ...transfers, ...money, ...users];
