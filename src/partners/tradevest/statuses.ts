import { knownWord } from '../../codecs/primitives';
import { TRADEVEST_ORDER_STATUSES } from '../../domain/lifecycles/tradevest-order';

/** In the partner's schemas, and by its pages never sent. */
const UNUSED = ['CANCELLATION_REJECTED', 'CANCELLATION_ACCEPTED', 'RECONCILIATION_CORRECTION'];

/** An order's status. Any other word parks the delivery with this sentence. */
export const OrderStatus = knownWord(
  TRADEVEST_ORDER_STATUSES,
  `one of ${TRADEVEST_ORDER_STATUSES.join(', ')} (the partner documents ${UNUSED.join(', ')} as unused); ` +
    'a new one is added as one line to src/domain/lifecycles/tradevest-order.ts with a fixture, ' +
    'and `partnerflow retry` then brings the delivery in',
);

const NOTIFICATION_TYPES = ['CREATED', 'UPDATED', 'VALIDATION_ERROR', 'STARTED'];

/** What happened to the object; decides nothing here, but an unknown word is worth an operator's look (vendors.md §1.1). */
export const NotificationType = knownWord(
  NOTIFICATION_TYPES,
  `one of ${NOTIFICATION_TYPES.join(', ')}; a new one is added to src/partners/tradevest/statuses.ts`,
);
