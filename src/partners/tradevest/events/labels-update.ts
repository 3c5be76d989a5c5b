import * as t from 'io-ts';

import { ObjectId, optional, shortList } from '../../../codecs/primitives';
import { side } from '../../../codecs/side-fields';
import { tradevestLabels } from '../lifecycles/labels';
import { defineStateEvent } from '../../event';
import { reasonOf, ValidationError } from '../object-body';
import { statusOf } from '../statuses';

/** Each of them is read, and all are held in the flow: a longer list is parked rather than too much for a history. */
const MOST_CUSTOMERS = 1_000;

const Body = t.partial({
  updatedCustomers: optional(shortList(ObjectId, MOST_CUSTOMERS)),
  notificationType: optional(statusOf(tradevestLabels)),
  validationError: side(ValidationError),
});

/** The update has no status: its type is one. Where that is missing too, an error tells (assumed, MAPPING.md). */
function typeOf({ notificationType, validationError }: t.TypeOf<typeof Body>): string {
  return notificationType ?? (validationError ? 'VALIDATION_ERROR' : 'UPDATED');
}

/** Labels of many customers changed, or the change was refused; the body has no id, so that each delivery is one update. */
export const labelsUpdate = defineStateEvent({
  table: tradevestLabels,
  event: 'LABELS_UPDATE_NOTIFICATION',
  route: 'labels-update-notification',
  body: Body,
  id: (_body, deliveryId) => deliveryId,
  status: typeOf,
  reason: reasonOf,
  named: ({ updatedCustomers }) => (updatedCustomers ?? []).map((id) => `customer:${id}`),
});
