import type { PartnerEvent } from '../../event';
import { digitalAssetOrder } from './digital-asset-order';
import { traditionalAssetOrder } from './traditional-asset-order';

/** Every event of Tradevest that is understood; a new one is one file and one line here. */
export const tradevestEvents: readonly PartnerEvent[] = [digitalAssetOrder, traditionalAssetOrder];
