import type { Script } from '../script';
import { scriptsOf } from './scripts';
import { ends, moves, says, silently, untilFound } from './steps';

/** Scripts of a Tradevest whose webhooks are lost, late, out of order, wrong or forged. */
export const tradevestWebhooks: readonly Script[] = scriptsOf({ partner: 'tradevest', kind: 'traditional-order' }, [
  {
    name: 'fill-lost',
    title: 'The webhook of a fill is lost; SETTLED comes as it should.',
    misbehaviours: ['lost'],
    kind: 'digital-order',
    steps: [...moves('PLACED'), silently('FILLED'), untilFound('missed'), ...moves('SETTLED')],
    expected: ends('SETTLED', 2, { findings: { exactly: ['missed'] }, recovered: 1 }),
  },
  {
    name: 'settlement-lost',
    title: 'The last webhook, SETTLED, is lost.',
    misbehaviours: ['lost at the end'],
    steps: [...moves('PLACED', 'FILLED'), silently('SETTLED')],
    expected: ends('SETTLED', 2, { endBy: 'read', findings: { exactly: ['missed'] }, recovered: 1 }),
  },
  {
    name: 'fill-webhook-late',
    title: 'The order is filled in time, but the webhook comes long after it was due.',
    misbehaviours: ['delayed webhook'],
    kind: 'digital-order',
    steps: [...moves('PLACED'), silently('FILLED'), untilFound('missed'), says('FILLED'), ...moves('SETTLED')],
    expected: ends('SETTLED', 2, {
      findings: { exactly: ['missed'] },
      outcomes: { applied: 2, repeated: 1 },
      recovered: 1,
    }),
  },
  {
    name: 'fill-slow',
    title: 'The partner fills the order later than it should, and then goes on.',
    misbehaviours: ['slow partner'],
    kind: 'digital-order',
    steps: [...moves('PLACED'), untilFound('slow'), ...moves('FILLED', 'SETTLED')],
    expected: ends('SETTLED', 3, { findings: { exactly: ['slow'] } }),
  },
  {
    name: 'webhooks-repeated',
    title: 'Every webhook comes twice, byte for byte, the last one after the order was closed.',
    misbehaviours: ['repeated'],
    steps: [
      ...moves('PLACED'),
      { do: 'repeat' },
      ...moves('FILLED'),
      { do: 'repeat' },
      ...moves('SETTLED'),
      { do: 'repeat' },
    ],
    expected: ends('SETTLED', 3, { outcomes: { applied: 3, repeated: 2, late: 1 } }),
  },
  {
    name: 'order-reversed',
    title: 'SETTLED overtakes FILLED, which overtakes PLACED.',
    misbehaviours: ['reordered'],
    steps: [...moves('SETTLED'), says('FILLED'), says('PLACED')],
    expected: ends('SETTLED', 1, { outcomes: { applied: 1, late: 2 } }),
  },
  {
    name: 'placed-after-filled',
    title: 'PLACED comes after FILLED, while the order is open.',
    misbehaviours: ['reordered'],
    steps: [...moves('FILLED'), says('PLACED'), ...moves('SETTLED')],
    expected: ends('SETTLED', 2, { outcomes: { applied: 2, repeated: 1 } }),
  },
  {
    name: 'settlement-forged',
    title: 'Somebody without the credential says that the order is settled.',
    misbehaviours: ['forged'],
    kind: 'digital-order',
    steps: [...moves('PLACED'), { do: 'forge', status: 'SETTLED' }, ...moves('FILLED', 'SETTLED')],
    expected: ends('SETTLED', 3, { rejected: 1 }),
  },
  {
    name: 'expiry-contradicts-fill',
    title: 'A filled order is said to have expired, which its object denies.',
    misbehaviours: ['contradicting status'],
    steps: [...moves('FILLED'), says('EXPIRED'), ...moves('SETTLED')],
    expected: ends('SETTLED', 2, { outcomes: { applied: 2, illegal: 1 } }),
  },
  {
    name: 'fill-after-cancel',
    title: 'A fill is reported after the order was canceled and closed.',
    misbehaviours: ['fill after the end'],
    kind: 'digital-order',
    steps: [...moves('PLACED'), { do: 'cancel' }, says('FILLED')],
    expected: ends('CANCELED', 2, { findings: { exactly: ['contradiction'] }, outcomes: { applied: 2, late: 1 } }),
  },
  {
    name: 'status-unknown',
    title: 'A status that nobody has heard of comes in between.',
    misbehaviours: ['unknown status'],
    steps: [...moves('PLACED'), says('SUSPENDED_BY_EXCHANGE'), ...moves('FILLED', 'SETTLED')],
    expected: ends('SETTLED', 3, { parked: 1 }),
  },
  {
    name: 'body-cut-off',
    title: 'The body of a webhook is cut off and no JSON.',
    misbehaviours: ['body not JSON'],
    steps: [...moves('PLACED'), { do: 'garble' }, ...moves('FILLED', 'SETTLED')],
    expected: ends('SETTLED', 3, { parked: 1 }),
  },
  {
    name: 'order-stuck',
    title: 'A placed order never moves again, and no webhook ever comes.',
    misbehaviours: ['stuck'],
    steps: moves('PLACED'),
    expected: ends('PLACED', 1, { endBy: null, open: true, overdue: true, findings: { exactly: ['slow'] } }),
  },
]);
