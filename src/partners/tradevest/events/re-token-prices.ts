import * as t from 'io-ts';

import { ExactDecimal } from '../../../codecs/primitives';
import { side } from '../../../codecs/side-fields';
import { defineRecordedEvent } from '../../event';

/**
 * Prices of the real estate tokens: no id and no time, so the latest that came are the ones. A price decides nothing: one
 * that cannot be read is left out, and the other is kept.
 */
export const reTokenPrices = defineRecordedEvent({
  partner: 'tradevest',
  object: 'prices',
  event: 'RE_TOKEN_PRICES',
  route: 're-token-prices',
  body: t.partial({ regularToken: side(ExactDecimal), premiumToken: side(ExactDecimal) }),
  id: () => 'latest',
  facts: ({ regularToken, premiumToken }) => ({ regularToken, premiumToken }),
  details: ({ regularToken, premiumToken }) => ({
    amounts: [
      ['regular-token-price', regularToken],
      ['premium-token-price', premiumToken],
    ],
  }),
});
