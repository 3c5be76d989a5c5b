import { goes, scriptsOf } from './scripts';
import { ends, moves, says, silently } from './steps';

/**
 * Scripts of identification attempts at a Coinify: the webhook names the trader, never the attempt, and no read is
 * known.
 */
export const coinifyIdentifications = scriptsOf({ partner: 'coinify', kind: 'identification' }, [
  goes('identification-approved', 'A trader’s first attempt is rejected, the second approved.', [
    'rejected',
    'approved',
  ]),
  {
    name: 'identification-reversed',
    title: 'The rejection of the first attempt comes after the approval of the second.',
    misbehaviours: ['reordered'],
    steps: [silently('rejected'), ...moves('approved'), says('rejected')],
    expected: ends('approved', 1, { outcomes: { applied: 1, repeated: 1 } }),
  },
  {
    name: 'identification-repeated',
    title: 'The same approval comes twice.',
    misbehaviours: ['same event id'],
    steps: [...moves('approved'), { do: 'repeat' }],
    expected: ends('approved', 1, { duplicate: 1 }),
  },
  {
    name: 'identification-unknown',
    title: 'An attempt is said to be in a state that nobody has heard of, then approved.',
    misbehaviours: ['unknown event'],
    steps: [says('postponed'), ...moves('approved')],
    expected: ends('approved', 1, { parked: 1 }),
  },
  {
    name: 'identification-forged',
    title: 'Somebody without the secret says that a rejected trader is approved.',
    misbehaviours: ['forged'],
    steps: [...moves('rejected'), { do: 'forge', status: 'approved' }],
    expected: ends('rejected', 1, { rejected: 1 }),
  },
]);
