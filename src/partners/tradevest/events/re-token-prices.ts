import * as t from 'io-ts';

import { ExactDecimal } from '../../../codecs/primitives';
import { defineRecordedEvent } from '../../event';

/** The prices of the real estate tokens: no id and no time, so the latest pair that came is the one, and is its state. */
export const reTokenPrices = defineRecordedEvent({
  partner: 'tradevest',
  object: 'prices',
  event: 'RE_TOKEN_PRICES',
  route: 're-token-prices',
  body: t.type({ regularToken: ExactDecimal, premiumToken: ExactDecimal }),
  id: () => 'latest',
  facts: ({ regularToken, premiumToken }) => ({ regularToken, premiumToken }),
  details: ({ regularToken, premiumToken }) => ({
    amounts: [
      ['regular-token-price', regularToken],
      ['premium-token-price', premiumToken],
    ],
  }),
});
