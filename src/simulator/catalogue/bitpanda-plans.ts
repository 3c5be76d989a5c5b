import type { Script, Step } from '../script';
import { scriptsOf } from './scripts';
import { ends, foundByRead, moves, readsFail, recorded, says, silently, stuck, untilOwed } from './steps';

/** Steps of a recurrence: announced, confirmed, and ended by the partner. */
const RECURRENCE: readonly Step[] = [...moves('upcoming'), untilOwed('finished'), ...moves('outcome')];
const CANCELED: readonly Step[] = moves('canceled');

const savingsPlans: readonly Script[] = scriptsOf({ partner: 'bitpanda', kind: 'savings-plan' }, [
  {
    name: 'plan-runs',
    title: 'A savings plan runs twice, each time confirmed before the deadline, and is canceled.',
    steps: [...RECURRENCE, ...RECURRENCE, ...CANCELED],
    expected: ends('canceled', 5, { recurrences: ['finished', 'finished'] }),
  },
  {
    name: 'plan-declined',
    title: 'Our own backend does not want a recurrence: it is not confirmed, and skipped.',
    kind: 'savings-plan-unwanted',
    steps: [...moves('upcoming', 'outcome'), ...CANCELED],
    expected: ends('canceled', 3, { recurrences: ['not_confirmed'] }),
  },
  {
    name: 'plan-versions',
    title: 'A recurrence is announced by both versions of the webhook.',
    misbehaviours: ['two versions of one webhook'],
    steps: [...moves('upcoming'), says('upcoming-v1'), untilOwed('finished'), ...moves('outcome'), ...CANCELED],
    expected: ends('canceled', 3, { duplicate: 1, recurrences: ['finished'] }),
  },
  {
    name: 'plan-confirmation-fails',
    title: 'The first confirmation is answered with 500; the next one is taken.',
    misbehaviours: ['confirmation answers 500'],
    steps: [readsFail({ kind: 'status', status: 500 }, 1), ...RECURRENCE, ...CANCELED],
    expected: ends('canceled', 3, { recurrences: ['finished'] }),
  },
  {
    name: 'plan-too-late',
    title: 'A recurrence is announced after its deadline: nobody can confirm it any more.',
    misbehaviours: ['announced too late'],
    steps: [...moves('upcoming-too-late', 'outcome'), ...CANCELED],
    expected: ends('canceled', 3, { recurrences: ['not_confirmed'] }),
  },
  {
    name: 'plan-reversed',
    title: 'The end of a recurrence overtakes its announcement.',
    misbehaviours: ['reordered'],
    steps: [silently('upcoming'), says('outcome'), says('upcoming'), ...CANCELED],
    expected: ends('canceled', 2, { outcomes: { applied: 2, repeated: 1 }, recurrences: ['not_confirmed'] }),
  },
  {
    name: 'plan-repeated',
    title: 'The announcement and the end of a recurrence come twice.',
    misbehaviours: ['repeated'],
    steps: [
      ...moves('upcoming'),
      { do: 'repeat' },
      untilOwed('finished'),
      ...moves('outcome'),
      { do: 'repeat' },
      ...CANCELED,
    ],
    expected: ends('canceled', 3, { duplicate: 2, recurrences: ['finished'] }),
  },
  {
    name: 'plan-quiet',
    title: 'After a recurrence the next one is never announced.',
    misbehaviours: ['stuck'],
    steps: RECURRENCE,
    expected: ends('active', 2, { ...stuck, owes: ['upcoming'], recurrences: ['finished'] }),
  },
  {
    name: 'plan-cancel-lost',
    title: 'A plan is canceled, and the webhook is lost.',
    misbehaviours: ['lost at the end'],
    steps: [...RECURRENCE, silently('canceled')],
    expected: ends('canceled', 2, { ...foundByRead, recurrences: ['finished'] }),
  },
  {
    name: 'plan-canceled-while-open',
    title: 'A plan is canceled while a recurrence is open, which still ends.',
    kind: 'savings-plan-unwanted',
    steps: [...moves('upcoming'), silently('canceled'), says('canceled'), says('outcome'), ...moves('upcoming')],
    expected: ends('canceled', 3, { outcomes: { applied: 3, late: 1 }, recurrences: ['not_confirmed'] }),
  },
  {
    name: 'plan-forged',
    title: 'Somebody with another key says that a plan is canceled.',
    misbehaviours: ['forged'],
    steps: [
      ...moves('upcoming'),
      { do: 'forge', status: 'canceled' },
      untilOwed('finished'),
      ...moves('outcome'),
      ...CANCELED,
    ],
    expected: ends('canceled', 3, { rejected: 1, recurrences: ['finished'] }),
  },
  {
    name: 'plan-swept',
    title: 'The announcement of a recurrence is lost; the partner’s list of events brings it in time to be confirmed.',
    misbehaviours: ['lost, and swept'],
    steps: [
      silently('upcoming'),
      { do: 'lose', status: 'upcoming' },
      { do: 'sweep' },
      untilOwed('finished'),
      ...moves('outcome'),
      ...CANCELED,
    ],
    expected: ends('canceled', 3, { recovered: 1, recurrences: ['finished'] }),
  },
]);

const written: readonly Script[] = scriptsOf({ partner: 'bitpanda', kind: 'top-up-request' }, [
  {
    name: 'top-up-asked',
    title: 'We are asked for money twice: the second time is news, and nothing is added up.',
    steps: moves('asked', 'asked-again'),
    expected: recorded(null, 2),
  },
  {
    name: 'top-up-asked-v2',
    title: 'We are asked for money by the newer version of the webhook.',
    kind: 'top-up-request-v2',
    steps: moves('asked'),
    expected: recorded(null, 1),
  },
  {
    name: 'report-ready',
    title: 'A report is ready.',
    kind: 'report',
    steps: moves('ready'),
    expected: recorded(null, 1),
  },
  {
    name: 'staking-reward',
    title: 'One movement is told by all three versions of its webhook, and booked once.',
    misbehaviours: ['three versions of one webhook'],
    kind: 'transaction',
    books: true,
    steps: moves('v1', 'v2', 'v3'),
    expected: recorded('staking_reward', 1, { duplicate: 2 }),
  },
  {
    name: 'crypto-merged',
    title: 'Two crypto assets are merged: two legs of one event are booked.',
    kind: 'crypto-action',
    books: true,
    steps: moves('merger_crypto'),
    expected: recorded('merger_crypto', 1),
  },
]);

/** Scripts of savings plans of a Bitpanda, and of objects that are only recorded. */
export const bitpandaPlans: readonly Script[] = [...savingsPlans, ...written];
