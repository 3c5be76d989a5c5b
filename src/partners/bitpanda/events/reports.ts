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
    user_id: side(ObjectId, { unkeptBecause: 'a report is fetched by its id' }),
    type: side(MachineWord),
    trigger: side(MachineWord),
    created_at: side(ChangeTime, { unkeptBecause: 'the report shows it, once it is fetched' }),
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
  duplicateKey: ({ params: { created_at: createdAt } }) => (createdAt ? 'the whole body' : null),
});
