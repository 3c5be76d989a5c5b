import * as t from 'io-ts';

import { machineWord, ObjectId, optional } from '../../../codecs/primitives';
import { defineRecordedEvent } from '../../event';
import { params } from '../body';

const Body = params(
  t.partial({
    id: optional(ObjectId),
    report_id: optional(ObjectId),
    type: t.unknown,
    trigger: t.unknown,
    created_at: t.unknown,
  }),
);

/** A report is there to be fetched. Its body is not public: every name here is assumed (vendors.md §3.3). */
export const reports = defineRecordedEvent({
  partner: 'bitpanda',
  object: 'report',
  event: 'reports',
  body: Body,
  id: ({ params: { id, report_id: reportId } }, deliveryId) => id ?? reportId ?? deliveryId,
  facts: ({ params: { type, trigger } }) => ({ type: machineWord(type), trigger: machineWord(trigger) }),
  duplicateKey: ({ params: { created_at: createdAt } }) => (typeof createdAt === 'string' ? 'the whole body' : null),
});
