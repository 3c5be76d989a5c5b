import type { PartnerEvent } from '../../../../src/partners/event';
import { orderUpdates } from './order-updates';

/** Every event of the example partner that is understood. */
export const exampleEvents: readonly PartnerEvent[] = [orderUpdates];
