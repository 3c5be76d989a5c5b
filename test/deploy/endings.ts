import type { SubjectKey } from '../../src/domain/subject-key';
import { workflowIdOf } from '../../src/domain/subject-key';
import { refetchUpdate, resolveUpdate } from '../../workflows/contract';
import { ended, object, planSays, says } from '../workflows/contents';
import type { Harness } from '../workflows/harness';
import { type ReleasedFlow, thirdLeg } from './released-flows';

/** How a flow ends, whatever code runs it, and what brings that about. */
export interface Ending {
  readonly key: SubjectKey;
  readonly state: string | null;
  readonly by: 'partner' | 'operator';
  readonly bring: () => Promise<void>;
}

const BY = { by: 'tests', reason: 'settled by hand' };

type Told = 'order' | 'transfer' | 'onboarding' | 'document';

/** The partner says the last word and its reads agree; where it had said it already, an operator has the object read. */
function reaches(harness: Harness, { key, stood }: ReleasedFlow, state: string, lifecycle: Told): Ending {
  return {
    key,
    state,
    by: 'partner',
    bring: async () => {
      harness.objects.set(key.id, () => object(state, { quantityExecuted: true }));
      const handle = harness.client.workflow.getHandle(workflowIdOf(key));
      if (stood.state === state) await handle.executeUpdate(refetchUpdate, { args: [BY] });
      else await harness.tell(key, says(lifecycle, state));
    },
  };
}

function isCanceled(harness: Harness, { key }: ReleasedFlow): Ending {
  return {
    key,
    state: 'canceled',
    by: 'partner',
    bring: async () => {
      await harness.tell(key, planSays(ended('r1', 'finished')));
      await harness.tell(key, planSays({ kind: 'auto-cancel', reason: 'delisting' }));
    },
  };
}

function isResolved(harness: Harness, { key, stood }: ReleasedFlow): Ending {
  return {
    key,
    state: stood.state,
    by: 'operator',
    bring: async () => {
      const handle = harness.client.workflow.getHandle(workflowIdOf(key));
      await handle.executeUpdate(resolveUpdate, { args: [{ ...BY, result: 'done' }] });
    },
  };
}

/** The ending of a flow of the last release. */
export function endingOf(harness: Harness, flow: ReleasedFlow): Ending {
  const { key, stood, told } = flow;
  switch (key.object) {
    case 'order':
      return reaches(harness, flow, 'SETTLED', 'order');
    case 'transfer':
      return reaches(harness, flow, 'PROCESSED', 'transfer');
    case 'payout':
      return reaches(harness, flow, 'send-money-success', 'transfer');
    case 'customer':
      return reaches(harness, flow, 'ACTIVE', 'onboarding');
    case 'document':
      return reaches(harness, flow, 'APPROVED', 'document');
    case 'savings-plan':
      return isCanceled(harness, flow);
    case 'corporate-action':
      // Two legs of a spin-off wait for the third; what settles or is to be passed on is settled by hand.
      return told.length === 2
        ? {
            key,
            state: stood.state,
            by: 'partner',
            bring: async () => {
              await harness.tell(key, thirdLeg(key));
            },
          }
        : isResolved(harness, flow);
    default:
      return isResolved(harness, flow);
  }
}
