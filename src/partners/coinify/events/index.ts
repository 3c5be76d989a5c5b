import type { PartnerEvent } from '../../event';
import { identificationEvents } from './identifications';
import { tradeEvents } from './trades';

/** Every event of Coinify that is understood; a new one is one entry of its family's list, or a file and one line here. */
export const coinifyEvents: readonly PartnerEvent[] = [...tradeEvents, ...identificationEvents];
