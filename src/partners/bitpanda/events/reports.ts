import * as t from 'io-ts';

import { ChangeTime } from '../../../codecs/partner-times';
import { MachineWord, ObjectId, optional } from '../../../codecs/primitives';
import { side } from '../../../codecs/side-fields';
import { defineRecordedEvent } from '../../event';
import { params } from '../body';

const Body = params(
  t.partial({
    id: optional(ObjectId),
    report_id: optional(ObjectId),
    user_id: side(ObjectId),
    type: side(MachineWord),
    trigger: side(MachineWord),
    created_at: side(ChangeTime),
  }),
);

/** A report is there to be fetched. Its body is not public: every name here is assumed (vendors.md §3.3). */
export const reports = defineRecordedEvent({
  partner: 'bitpanda',
  object: 'report',
  event: 'reports',
  body: Body,
  id: ({ params: { id, report_id: reportId } }, deliveryId) => id ?? reportId ?? deliveryId,
  facts: ({ params: { type, trigger } }) => ({ type, trigger }),
  details: ({ params: { user_id: userId, created_at: changedAt } }) => ({ userId, changedAt }),
  duplicateKey: ({ params: { created_at: createdAt } }) => (createdAt ? 'the whole body' : null),
});
