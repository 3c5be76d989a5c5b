import type { ReadFault, Script } from '../script';
import { scriptsOf } from './scripts';
import { ends, foundByRead, moves, readsAreWell, readsFail, silently, untilFound } from './steps';

const STALE: ReadFault = { kind: 'stale', state: 'FILLED' };

/** Scripts of a Tradevest whose webhooks come, but whose reads misbehave. */
export const tradevestReads: readonly Script[] = scriptsOf({ partner: 'tradevest', kind: 'traditional-order' }, [
  {
    name: 'read-hangs',
    title: 'The read that should confirm the settlement hangs and is cut off; the next one is answered.',
    misbehaviours: ['read hangs'],
    steps: [...moves('FILLED'), readsFail({ kind: 'hang', due: 0.5 }, 1), ...moves('SETTLED')],
    expected: ends('SETTLED', 2),
  },
  {
    name: 'read-fails-once',
    title: 'The read after a fill is answered with 500, and works when tried again.',
    misbehaviours: ['read answers 500'],
    kind: 'digital-order',
    steps: [readsFail({ kind: 'status', status: 500 }, 1), ...moves('FILLED', 'SETTLED')],
    expected: ends('SETTLED', 2),
  },
  {
    name: 'read-throttled',
    title: 'The read of a settled order is answered with 429 and asks for a second of patience.',
    misbehaviours: ['read answers 429'],
    kind: 'digital-order',
    steps: [...moves('FILLED'), readsFail({ kind: 'too-many', retryAfterSeconds: 1 }, 1), ...moves('SETTLED')],
    expected: ends('SETTLED', 2),
  },
  {
    name: 'read-lags',
    title: 'SETTLED is reported while reads still show FILLED, twice.',
    misbehaviours: ['stale read'],
    steps: [...moves('FILLED'), readsFail(STALE, 2), ...moves('SETTLED')],
    expected: ends('SETTLED', 2),
  },
  {
    name: 'read-undecodable',
    title: 'The read of a settled order gives a maintenance page instead of JSON, and later the order.',
    misbehaviours: ['read not decodable'],
    kind: 'digital-order',
    steps: [...moves('FILLED'), readsFail({ kind: 'undecodable' }, 1), ...moves('SETTLED')],
    expected: ends('SETTLED', 2, { findings: { among: ['unreachable'] } }),
  },
  {
    name: 'read-absent',
    title: 'An overdue order cannot be found for a while: 404 on every path.',
    misbehaviours: ['read answers 404'],
    kind: 'digital-order',
    steps: [
      ...moves('PLACED'),
      readsFail({ kind: 'status', status: 404 }, null),
      untilFound('absent'),
      readsAreWell,
      ...moves('FILLED', 'SETTLED'),
    ],
    expected: ends('SETTLED', 3, { findings: { exactly: ['absent'] } }),
  },
  {
    name: 'read-down',
    title: 'A fill is lost while reads are down for a long time: first nothing can be known, then it is found.',
    misbehaviours: ['reads down', 'lost'],
    steps: [
      ...moves('PLACED'),
      readsFail({ kind: 'status', status: 503 }, null),
      silently('FILLED'),
      untilFound('unreachable'),
      silently('SETTLED'),
      readsAreWell,
    ],
    expected: ends('SETTLED', 1, { ...foundByRead, findings: { exactly: ['unreachable', 'missed'] } }),
  },
]);
