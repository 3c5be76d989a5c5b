import * as t from 'io-ts';

import { MachineWord, ObjectId } from '../../../codecs/primitives';
import { side } from '../../../codecs/side-fields';
import { coinifyIdentification } from '../lifecycles/identification';
import { defineStateEvent, type PartnerEvent } from '../../event';
import { enveloped } from '../envelope';

const Attempt = t.intersection([t.type({ traderId: ObjectId }), t.partial({ rejectReason: side(MachineWord) })]);

/** Ends of a trader's attempts to be identified: after a rejected one a later one may be approved. */
export const identificationEvents: readonly PartnerEvent[] = ['approved', 'rejected'].map(identificationEvent);

/** Attempts have no id, so the trader is the subject. */
function identificationEvent(state: string): PartnerEvent {
  const event = `identification-attempt.${state}`;
  return defineStateEvent({
    table: coinifyIdentification,
    event,
    body: enveloped(Attempt),
    id: ({ context }) => context.traderId,
    status: () => state,
    reason: ({ context }) => context.rejectReason ?? null,
    changedAt: ({ time }) => time,
    details: ({ context }) => ({ userId: context.traderId }),
    duplicateKey: ({ id, context }) => ({
      key: id,
      says: [state, context.traderId, context.rejectReason ?? null],
    }),
  });
}
