import { goes, scriptsOf } from './scripts';
import { ends, moves } from './steps';

const PARTIAL_FILL = moves('PARTIALLY_FILLED');

/** Scripts of a Tradevest that behaves as documented. */
export const tradevestWell = scriptsOf({ partner: 'tradevest', kind: 'traditional-order' }, [
  {
    name: 'traditional-settles',
    title:
      'A traditional order is placed, filled in three parts and settled; the two partial fills are the same bytes.',
    steps: [...moves('PLACED'), ...PARTIAL_FILL, ...PARTIAL_FILL, ...moves('FILLED', 'SETTLED')],
    expected: ends('SETTLED', 4, { outcomes: { applied: 4, repeated: 1 } }),
  },
  goes(
    'digital-settles',
    'A digital order is received, filled with its execution data and settled.',
    ['RECEIVED', 'FILLED', 'SETTLED'],
    { kind: 'digital-order' },
  ),
  goes('order-invalid', 'An order turns out to be invalid, with a validation error.', ['RECEIVED', 'INVALID']),
  goes('order-rejected', 'A placed order is rejected by the exchange.', ['PLACED', 'REJECTED']),
  {
    name: 'order-canceled',
    title: 'A placed order is canceled before anything was executed.',
    steps: [...moves('PLACED'), { do: 'cancel' }],
    expected: ends('CANCELED', 2),
  },
  {
    name: 'partly-filled-expires',
    title: 'An order expires after a partial fill: the filled part is still settled.',
    steps: [...moves('PLACED'), ...PARTIAL_FILL, ...moves('EXPIRED', 'SETTLED')],
    expected: ends('SETTLED', 4),
  },
  goes(
    'fill-corrected',
    'A fill is corrected, filled anew by the partner and settled.',
    ['RECEIVED', 'FILLED', 'CORRECTED', 'SETTLED'],
    { kind: 'digital-order' },
  ),
  goes(
    'correction-canceled',
    'A fill is taken back by a correction, and the order is canceled: nothing is left to settle.',
    ['FILLED', 'CORRECTED', 'CANCELED'],
    { kind: 'digital-order' },
  ),
  {
    name: 'update-refused',
    title: 'A change of the order is refused: the webhook carries a reason and no status, and the order goes on.',
    steps: [
      ...moves('PLACED'),
      { do: 'refuse-update', reason: 'ORDER_NOT_MODIFIABLE_ERROR' },
      ...moves('FILLED', 'SETTLED'),
    ],
    expected: ends('SETTLED', 4),
  },
  {
    name: 'cancel-fails',
    title: 'A cancel comes too late and fails: nothing is sent about it, and the order settles.',
    misbehaviours: ['failed cancel sends nothing'],
    steps: [...moves('FILLED'), { do: 'cancel' }, ...moves('SETTLED')],
    expected: ends('SETTLED', 2),
  },
]);
