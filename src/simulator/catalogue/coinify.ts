import { goes, scriptsOf } from './scripts';
import { ends, foundByRead, moves, readsFail, says, silently, untilFound } from './steps';

/** Scripts of a Coinify that behaves as documented. */
export const coinifyWell = scriptsOf({ partner: 'coinify', kind: 'trade' }, [
  goes('trade-completes', 'A trade is created, paid and completed.', ['created', 'transfer-in-completed', 'completed']),
  goes('trade-cancelled', 'A trade is cancelled before it was paid.', ['created', 'cancelled']),
  goes('trade-expired', 'A trade expires without a payment.', ['created', 'expired']),
  goes('trade-rejected', 'A paid trade is rejected.', ['created', 'transfer-in-completed', 'rejected']),
  goes('otc-completes', 'An OTC trade is completed: the only webhook there is of it.', ['completed'], {
    kind: 'otc-trade',
  }),
]);

/** Scripts of a Coinify that loses, repeats, contradicts and cannot be read. */
export const coinifyBad = scriptsOf({ partner: 'coinify', kind: 'trade' }, [
  {
    name: 'payment-webhook-lost',
    title: 'The webhook of the payment is lost; the completion comes in time, so nothing is missing in the end.',
    misbehaviours: ['lost in between'],
    steps: [...moves('created'), silently('transfer-in-completed'), ...moves('completed')],
    expected: ends('completed', 2),
  },
  {
    name: 'completion-lost',
    title: 'The webhook of the completion is lost.',
    misbehaviours: ['lost at the end'],
    steps: [...moves('created', 'transfer-in-completed'), silently('completed')],
    expected: ends('completed', 2, foundByRead),
  },
  {
    name: 'payment-slow',
    title: 'The payment takes longer than it should, and then comes.',
    misbehaviours: ['slow partner'],
    steps: [...moves('created'), untilFound('slow'), ...moves('transfer-in-completed', 'completed')],
    expected: ends('completed', 3, { findings: { exactly: ['slow'] } }),
  },
  {
    name: 'event-repeated',
    title: 'The same event comes three times, also after the trade was closed.',
    misbehaviours: ['same event id'],
    steps: [...moves('created'), { do: 'repeat' }, ...moves('completed'), { do: 'repeat' }, { do: 'repeat' }],
    expected: ends('completed', 2, { duplicate: 3 }),
  },
  {
    name: 'event-contradicts-itself',
    title: 'The event of the payment comes again under the same id with another amount.',
    misbehaviours: ['same event id, other amount'],
    steps: [...moves('created', 'transfer-in-completed'), { do: 'contradict' }, ...moves('completed')],
    expected: ends('completed', 3, { outcomes: { applied: 3, illegal: 1 } }),
  },
  {
    name: 'expired-after-payment',
    title: 'A paid trade is said to have expired, which the trade denies.',
    misbehaviours: ['contradicting status'],
    steps: [...moves('created', 'transfer-in-completed'), says('expired'), ...moves('completed')],
    expected: ends('completed', 3, { outcomes: { applied: 3, illegal: 1 } }),
  },
  {
    name: 'trade-reversed',
    title: 'The completion overtakes the payment, which overtakes the creation.',
    misbehaviours: ['reordered'],
    steps: [...moves('completed'), says('transfer-in-completed'), says('created')],
    expected: ends('completed', 1, { outcomes: { applied: 1, late: 2 } }),
  },
  {
    name: 'signals-refused',
    title: 'Temporal takes no signal to this one trade; it is parked beside all others, and retried by an operator.',
    misbehaviours: ['not taken by Temporal'],
    steps: [
      { do: 'signals', refusedWith: 8 },
      ...moves('created'),
      { do: 'signals', refusedWith: null },
      { do: 'retry' },
      ...moves('transfer-in-completed', 'completed'),
    ],
    expected: ends('completed', 3),
  },
  {
    name: 'burst',
    title: 'Many trades are created and cancelled at the same moment; the webhooks of others do not wait for them.',
    misbehaviours: ['burst'],
    objects: 30,
    isBurst: true,
    steps: [...moves('created'), ...moves('cancelled')],
    expected: ends('cancelled', 2),
  },
  {
    name: 'answer-lost',
    title: 'Our 200 never reaches the partner, who sends the same event again.',
    misbehaviours: ['retried'],
    steps: [
      { do: 'advance', state: 'created' },
      { do: 'deliver-answer-lost', status: 'created' },
      ...moves('completed'),
    ],
    expected: ends('completed', 2, { duplicate: 1 }),
  },
  {
    name: 'completion-forged',
    title: 'Somebody without the secret says that the trade is completed.',
    misbehaviours: ['forged'],
    steps: [...moves('created'), { do: 'forge', status: 'completed' }, ...moves('cancelled')],
    expected: ends('cancelled', 2, { rejected: 1 }),
  },
  {
    name: 'event-unknown',
    title: 'An event comes whose name nobody has heard of.',
    misbehaviours: ['unknown event'],
    steps: [...moves('created'), says('put-on-hold'), ...moves('completed')],
    expected: ends('completed', 2, { parked: 1 }),
  },
  {
    name: 'trade-read-lags',
    title: 'The completion is reported while reads still show the payment.',
    misbehaviours: ['stale read'],
    steps: [
      ...moves('transfer-in-completed'),
      readsFail({ kind: 'stale', state: 'transfer-in-completed' }, 2),
      ...moves('completed'),
    ],
    expected: ends('completed', 2),
  },
  {
    name: 'otc-repeated',
    title: 'The only webhook of an OTC trade comes twice.',
    misbehaviours: ['same event id'],
    kind: 'otc-trade',
    steps: [...moves('completed'), { do: 'repeat' }],
    expected: ends('completed', 1, { duplicate: 1 }),
  },
]);
