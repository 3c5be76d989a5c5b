import type { Step } from '../script';
import { scriptsOf } from './scripts';
import { ends, moves, says, untilOwed } from './steps';

const OLD: readonly Step[] = [...moves('old-out'), ...moves('old-in')];
const ALL: readonly Step[] = [...OLD, ...moves('new-in')];

/** End of a set that was judged, and waits for an operator's answer. */
const waits = (verdict: string, applied: number, differences: Parameters<typeof ends>[2] = {}) =>
  ends('spin_off', applied, { endBy: null, open: true, owes: ['answer'], facts: { verdict }, ...differences });

const rests = (verdict: string, applied: number, differences: Parameters<typeof ends>[2] = {}) =>
  ends('spin_off', applied, { facts: { verdict }, ...differences });

/** Scripts of holders of one spin-off and their movements; the complete ones prove its ratio. */
export const bitpandaCorporateActions = scriptsOf({ partner: 'bitpanda', kind: 'spin-off-holder', books: true }, [
  {
    name: 'spin-off-complete',
    title: 'A spin-off: the old share goes and comes back, the new one comes.',
    objects: 4,
    steps: ALL,
    expected: rests('complete', 3),
  },
  {
    name: 'spin-off-out-of-order',
    title: 'The new share comes first, the old one goes last, and one webhook comes twice.',
    misbehaviours: ['webhooks in the wrong order', 'webhook sent twice'],
    steps: [...moves('new-in', 'old-in', 'old-out'), { do: 'repeat' }],
    expected: rests('complete', 3, { duplicate: 1 }),
  },
  {
    name: 'spin-off-both-kinds-of-ids',
    title: 'Every movement is told with UUIDs and with integer ids, and booked once.',
    misbehaviours: ['one event with both kinds of ids'],
    steps: [...ALL, says('new-in-with-integer'), says('old-in-with-integer'), says('old-out-with-integer')],
    expected: rests('complete', 3, { duplicate: 3 }),
  },
  {
    name: 'spin-off-third-leg-lost',
    title: 'The new share is never told of, and the partner does not know either: it is called missing.',
    misbehaviours: ['movement lost for good'],
    steps: [...OLD, untilOwed('answer')],
    expected: waits('break', 2),
  },
  {
    name: 'spin-off-too-small',
    title: 'The new share is truly too small to come: two movements are all there are.',
    kind: 'spin-off-dust-holder',
    steps: OLD,
    expected: rests('new-share-too-small', 2),
  },
  {
    name: 'spin-off-undecidable',
    title: 'Two movements of a spin-off that no other holder tells more of: nobody can know.',
    kind: 'lone-spin-off-holder',
    steps: [...OLD, untilOwed('answer')],
    expected: waits('unverified', 2),
  },
  {
    name: 'spin-off-third-leg-found',
    title: 'The webhook of the new share is lost on its way: it is found with the partner before it is called missing.',
    misbehaviours: ['webhook lost'],
    steps: [...OLD, { do: 'advance', state: 'new-in' }, { do: 'lose', status: 'new-in' }],
    expected: rests('complete', 3, { recovered: 1 }),
  },
  {
    name: 'spin-off-third-leg-late',
    title: 'The new share comes long after it was called missing: it is booked, and the set judged again.',
    misbehaviours: ['webhook long after its time'],
    steps: [...OLD, untilOwed('answer'), ...moves('new-in')],
    expected: rests('complete', 3),
  },
  {
    name: 'spin-off-contradicted',
    title: 'The new share is told once more with another amount: what was booked stands, and somebody has to answer.',
    misbehaviours: ['same event, another amount'],
    steps: [...ALL, { do: 'contradict' }, untilOwed('answer')],
    expected: waits('break', 3, { outcomes: { applied: 3, illegal: 1 } }),
  },
  {
    name: 'spin-off-told-as-another-event',
    title: 'The new share is told a second time under another id: it is booked, and somebody has to answer.',
    misbehaviours: ['event told twice under two ids'],
    steps: [...ALL, ...moves('new-in-again'), untilOwed('answer')],
    expected: waits('break', 4),
  },
  {
    name: 'spin-off-new-share-alone',
    title: 'The new share comes alone; whether the old one had been sold nobody has said.',
    kind: 'lone-spin-off-holder',
    steps: [...moves('new-in'), untilOwed('answer')],
    expected: waits('unverified', 1),
  },
  {
    name: 'dividend-told',
    title: 'A dividend reaches our wallet, and waits to be passed on.',
    kind: 'corporate-action',
    steps: moves('dividend'),
    expected: ends('dividend', 1, { endBy: null, open: true, owes: ['obligation'], facts: { verdict: 'complete' } }),
  },
  {
    name: 'delisting-told',
    title: 'A share is delisted: it goes, and money comes that waits to be passed on.',
    kind: 'corporate-action',
    steps: moves('delisting'),
    expected: ends('delisting', 1, { endBy: null, open: true, owes: ['obligation'], facts: { verdict: 'complete' } }),
  },
  {
    name: 'stock-split-told',
    title: 'A share is split.',
    kind: 'corporate-action',
    steps: moves('stock_split'),
    expected: ends('stock_split', 1, { facts: { verdict: 'complete' } }),
  },
]);
