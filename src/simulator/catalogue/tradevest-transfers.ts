import type { Script } from '../script';
import { disturbed } from './disturbed';
import { goes, scriptsOf } from './scripts';
import { ends, moves, says, silently } from './steps';

/** Scripts of transfers of a Tradevest, with and without misbehaviour. */
export const tradevestTransfers: readonly Script[] = [
  ...scriptsOf({ partner: 'tradevest', kind: 'transfer' }, [
    goes('transfer-processed', 'An outgoing transfer is received, pending and processed.', [
      'RECEIVED',
      'PENDING',
      'PROCESSED',
    ]),
    goes('transfer-incoming', 'An incoming transfer, under an id never seen, is processed when it is first heard of.', [
      'PROCESSED',
    ]),
    goes('transfer-rejected', 'A transfer is rejected because the balance is too small.', ['PENDING', 'REJECTED']),
    goes('transfer-invalid', 'A transfer turns out to be invalid.', ['RECEIVED', 'INVALID']),
    {
      name: 'transfer-update-refused',
      title: 'A change of a transfer is refused: the webhook has a reason and neither status nor time.',
      steps: [...moves('PENDING'), { do: 'refuse-update', reason: 'UNKNOWN_ERROR' }, ...moves('PROCESSED')],
      expected: ends('PROCESSED', 3),
    },
    {
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
      name: 'transfer-swept',
      title: 'The webhook of a processed transfer is lost; Tradevest lists it as missed, and the sweep brings it.',
      misbehaviours: ['lost, and swept'],
      steps: [...moves('PENDING'), silently('PROCESSED'), { do: 'lose', status: 'PROCESSED' }, { do: 'sweep' }],
      expected: ends('PROCESSED', 2, { recovered: 1 }),
    },
  ]),
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
