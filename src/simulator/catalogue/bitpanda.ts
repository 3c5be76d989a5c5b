import type { Script } from '../script';
import { disturbed } from './disturbed';
import { goes, scriptsOf } from './scripts';
import { ends, foundByRead, moves, says, silently, untilFound } from './steps';

const orders: readonly Script[] = scriptsOf({ partner: 'bitpanda', kind: 'automated-order' }, [
  {
    name: 'automated-order-finishes',
    title: 'An automated order is finished: the only webhook there is of it.',
    steps: [silently('created'), ...moves('finished')],
    expected: ends('finished', 1),
  },
  goes('automated-order-fails', 'An automated order fails because the price moved.', ['failed']),
  goes('automated-order-cancelled', 'An automated order is cancelled by its user.', ['cancelled']),
  {
    name: 'automated-order-repeated',
    title: 'The only webhook of an automated order comes twice.',
    misbehaviours: ['repeated'],
    steps: [...moves('finished'), { do: 'repeat' }],
    expected: ends('finished', 1, { duplicate: 1 }),
  },
  {
    name: 'automated-order-contradicted',
    title: 'A finished automated order is said to have failed.',
    misbehaviours: ['contradicting status'],
    steps: [...moves('finished'), says('failed')],
    expected: ends('finished', 1, { findings: { exactly: ['contradiction'] }, outcomes: { applied: 1, late: 1 } }),
  },
  {
    name: 'automated-order-lost',
    title: 'The only webhook of an automated order is lost; our own backend expected it, and it is read.',
    misbehaviours: ['lost, and expected'],
    steps: [silently('finished'), { do: 'expect' }],
    expected: ends('finished', 0, { ...foundByRead, outcomes: {} }),
  },
]);

const transfers: readonly Script[] = [
  ...scriptsOf({ partner: 'bitpanda', kind: 'crypto-withdrawal' }, [
    goes('crypto-withdrawal-finishes', 'A withdrawal of crypto assets is pending, processed and finished.', [
      'pending',
      'processing',
      'finished',
    ]),
    goes('crypto-withdrawal-canceled', 'A withdrawal of crypto assets is canceled.', ['pending', 'canceled']),
    goes(
      'crypto-deposit-explained',
      'A deposit of crypto assets asks for details of its sender, and is finished.',
      ['pending', 'finished'],
      { kind: 'crypto-deposit-to-explain' },
    ),
  ]),
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

const money: readonly Script[] = scriptsOf({ partner: 'bitpanda', kind: 'payout' }, [
  {
    name: 'deposit-arrives',
    title: 'A deposit of ours has arrived; both versions of the webhook say so.',
    misbehaviours: ['two versions of one webhook'],
    kind: 'deposit',
    steps: [...moves('top-up-success'), says('top-up-success-v2')],
    expected: ends('top-up-success', 1, { duplicate: 1 }),
  },
  {
    name: 'payout-initiated',
    title: 'Money is on its way to us: announced, and initiated.',
    steps: moves('send-money-v2', 'send-money-success-v2'),
    expected: ends('send-money-success', 2),
  },
  goes('payout-old-versions', 'A payout is told by the older versions of its webhooks.', [
    'send-money',
    'send-money-success',
  ]),
  {
    name: 'payout-reversed',
    title: 'That a payout was initiated overtakes its announcement.',
    misbehaviours: ['reordered'],
    steps: [silently('send-money-v2'), ...moves('send-money-success-v2'), says('send-money-v2')],
    expected: ends('send-money-success', 1, { outcomes: { applied: 1, late: 1 } }),
  },
  {
    name: 'payout-late',
    title: 'A payout is initiated later than it should; nothing can be read of it.',
    misbehaviours: ['slow partner'],
    steps: [...moves('send-money-v2'), untilFound('unreachable'), ...moves('send-money-success-v2')],
    expected: ends('send-money-success', 2, { findings: { exactly: ['unreachable'] } }),
  },
]);

const payments: readonly Script[] = scriptsOf({ partner: 'bitpanda', kind: 'payment' }, [
  goes('payment-completed', 'A transaction of Crypto Pay is completed.', ['completed']),
  goes('payment-failed', 'A transaction of Crypto Pay expires: it failed, with a reason.', ['failed']),
]);

const users: readonly Script[] = scriptsOf({ partner: 'bitpanda', kind: 'user' }, [
  goes('user-verified', 'A user’s verification fails and succeeds later.', ['verification-failed', 'verification']),
  {
    name: 'user-repeated',
    title: 'The same update of a user comes twice.',
    misbehaviours: ['repeated'],
    steps: [...moves('verification'), { do: 'repeat' }],
    expected: ends('verification', 1, { duplicate: 1 }),
  },
  {
    name: 'user-forged',
    title: 'Somebody with another key says that a user is verified.',
    misbehaviours: ['forged'],
    steps: [...moves('verification-failed'), { do: 'forge', status: 'verification' }],
    expected: ends('verification-failed', 1, { rejected: 1 }),
  },
]);

/** Scripts of a Bitpanda's objects that are followed by states, with and without misbehaviour. */
export const bitpandaFollowed: readonly Script[] = [...orders, ...transfers, ...money, ...payments, ...users];
