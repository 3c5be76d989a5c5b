import * as t from 'io-ts';

import { decode } from '../../codecs/decode';
import { madeUpSecret, type SimulatedPartner } from '../simulated-partner';
import { startCoinifySimulator } from './coinify-simulator';

const Shown = t.type({ secret: t.string });

/** Coinify, simulated. */
export const simulatedCoinify: SimulatedPartner = {
  name: 'coinify',
  title: 'Coinify',
  apiUrlVariable: 'COINIFY_API_URL',
  webhookVariables(shown) {
    const decoded = decode(Shown, shown);
    return decoded.ok ? { ok: true, value: { COINIFY_WEBHOOK_SECRETS: decoded.value.secret } } : decoded;
  },
  madeUp(given) {
    const secret = given.COINIFY_WEBHOOK_SECRETS?.split(',')[0] ?? madeUpSecret();
    // For all traders, where no token URL gives one for each.
    const accessToken = given.COINIFY_ACCESS_TOKEN ?? madeUpSecret();
    return {
      // Of token URL and token exactly one may be set: what is given decides which.
      readVariables({ COINIFY_ACCESS_TOKEN: token, COINIFY_TOKEN_URL: tokenUrl }, simulator) {
        const canRead = token !== undefined || tokenUrl !== undefined;
        if (simulator === null) return canRead ? {} : { COINIFY_ACCESS_TOKEN: accessToken };
        return { COINIFY_API_URL: simulator.url, ...(canRead ? {} : { COINIFY_TOKEN_URL: simulator.tokenUrl }) };
      },
      shown: { secret },
      start: (options) => startCoinifySimulator({ ...options, secret, accessToken }),
    };
  },
};
