import type { PartnerEvent } from '../../event';
import { beneficialOwner } from './beneficial-owner';
import { customer } from './customer';
import { customerProduct } from './customer-product';
import { digitalAssetOrder } from './digital-asset-order';
import { document } from './document';
import { identificationVerification } from './identification-verification';
import { labelsUpdate } from './labels-update';
import { legalEntitySearch } from './legal-entity-search';
import { naturalPerson } from './natural-person';
import { offboarding } from './offboarding';
import { onboarding } from './onboarding';
import { partnerDocument } from './partner-document';
import { proxy } from './proxy';
import { reTokenPrices } from './re-token-prices';
import { strategy } from './strategy';
import { traditionalAssetOrder } from './traditional-asset-order';
import { transfer } from './transfer';
import { user } from './user';

/** Every event of Tradevest that is understood; a new one is one file and one line here. */
export const tradevestEvents: readonly PartnerEvent[] = [
  customer,
  naturalPerson,
  identificationVerification,
  onboarding,
  proxy,
  beneficialOwner,
  customerProduct,
  user,
  offboarding,
  digitalAssetOrder,
  traditionalAssetOrder,
  transfer,
  document,
  partnerDocument,
  legalEntitySearch,
  strategy,
  labelsUpdate,
  reTokenPrices,
];
