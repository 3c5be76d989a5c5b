import type { Script } from '../script';
import { disturbed } from './disturbed';
import { ends, moves, says, silently } from './steps';

const tradevest = { misbehaviours: [], partner: 'tradevest', kind: 'transfer', objects: 1 } as const;

/** Scripts of transfers of a Tradevest, with and without misbehaviour. */
export const tradevestTransfers: readonly Script[] = [
  {
    ...tradevest,
    name: 'transfer-processed',
    title: 'An outgoing transfer is received, pending and processed.',
    steps: [...moves('RECEIVED'), ...moves('PENDING'), ...moves('PROCESSED')],
    expected: ends('PROCESSED', 3),
  },
  {
    ...tradevest,
    name: 'transfer-incoming',
    title: 'An incoming transfer, under an id never seen, is processed when it is first heard of.',
    steps: [...moves('PROCESSED')],
    expected: ends('PROCESSED', 1),
  },
  {
    ...tradevest,
    name: 'transfer-rejected',
    title: 'A transfer is rejected because the balance is too small.',
    steps: [...moves('PENDING'), ...moves('REJECTED')],
    expected: ends('REJECTED', 2),
  },
  {
    ...tradevest,
    name: 'transfer-invalid',
    title: 'A transfer turns out to be invalid.',
    steps: [...moves('RECEIVED'), ...moves('INVALID')],
    expected: ends('INVALID', 2),
  },
  {
    ...tradevest,
    name: 'transfer-update-refused',
    title: 'A change of a transfer is refused: the webhook has a reason and neither status nor time.',
    steps: [...moves('PENDING'), { do: 'refuse-update', reason: 'UNKNOWN_ERROR' }, ...moves('PROCESSED')],
    expected: ends('PROCESSED', 3),
  },
  {
    ...tradevest,
    name: 'transfer-contradicted',
    title: 'A processed transfer is said to have been rejected.',
    misbehaviours: ['contradicting status'],
    steps: [...moves('PROCESSED'), says('REJECTED')],
    expected: ends('PROCESSED', 1, {
      findings: { exactly: ['contradiction'] },
      outcomes: { applied: 1, late: 1 },
    }),
  },
  {
    ...tradevest,
    name: 'transfer-swept',
    title: 'The webhook of a processed transfer is lost; Tradevest lists it as missed, and the sweep brings it.',
    misbehaviours: ['lost, and swept'],
    steps: [...moves('PENDING'), silently('PROCESSED'), { do: 'lose', status: 'PROCESSED' }, { do: 'sweep' }],
    expected: ends('PROCESSED', 2, { recovered: 1 }),
  },
  ...disturbed({
    partner: 'tradevest',
    kind: 'transfer',
    name: 'transfer',
    noun: 'transfer',
    middle: 'PENDING',
    end: 'PROCESSED',
    after: 'late',
    readsEnd: true,
  }),
];
