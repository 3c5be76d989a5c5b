import * as t from 'io-ts';

import { machineWord, ObjectId, timeAsSent } from '../../codecs/primitives';
import { coinifyIdentification } from './lifecycles/identification';
import { defineStateEvent, type PartnerEvent } from '../event';
import { enveloped } from './envelope';

const Attempt = t.type({ traderId: ObjectId, rejectReason: t.unknown });

/** An attempt of a trader to be identified came to an end; attempts have no id, so the trader is the subject. */
export function identificationEvent(state: string): PartnerEvent {
  return defineStateEvent({
    table: coinifyIdentification,
    event: `identification-attempt.${state}`,
    route: `identification-attempt.${state}`,
    body: enveloped(Attempt),
    id: ({ context }) => context.traderId,
    status: () => state,
    reason: ({ context }) => machineWord(context.rejectReason),
    changedAt: ({ time }) => timeAsSent(time),
    duplicateKey: ({ id, context }) => ({
      key: id,
      says: [state, context.traderId, machineWord(context.rejectReason)],
    }),
  });
}
