import * as t from 'io-ts';

import { decode } from '../../codecs/decode';
import { madeUpSecret, parsedOrNull, type SimulatedPartner, tokenUrlAt } from '../simulated-partner';
import { startTradevestSimulator } from './tradevest-simulator';

const Shown = t.type({ headers: t.record(t.string, t.string) });

/** Tradevest, simulated. */
export const simulatedTradevest: SimulatedPartner = {
  name: 'tradevest',
  title: 'Tradevest',
  apiUrlVariable: 'TRADEVEST_API_URL',
  webhookVariables(shown) {
    const decoded = decode(Shown, shown);
    if (!decoded.ok) return decoded;
    return { ok: true, value: { TRADEVEST_WEBHOOK_HEADERS: JSON.stringify(decoded.value.headers) } };
  },
  madeUp(given) {
    const headers = firstAccepted(given.TRADEVEST_WEBHOOK_HEADERS) ?? { 'api-key': madeUpSecret() };
    const clientId = given.TRADEVEST_CLIENT_ID ?? 'development';
    const clientSecret = given.TRADEVEST_CLIENT_SECRET ?? madeUpSecret();
    const requestorId = given.TRADEVEST_REQUESTOR_ID ?? '00000000-0000-4000-8000-000000000001';
    return {
      readVariables: ({ TRADEVEST_API_URL: apiUrl }, simulator) => ({
        ...(simulator === null ? {} : { TRADEVEST_API_URL: simulator.url }),
        TRADEVEST_TOKEN_URL: simulator?.tokenUrl ?? tokenUrlAt(apiUrl, '/connect/token'),
        TRADEVEST_CLIENT_ID: clientId,
        TRADEVEST_CLIENT_SECRET: clientSecret,
        TRADEVEST_REQUESTOR_ID: requestorId,
      }),
      shown: { headers },
      start: (options) => startTradevestSimulator({ ...options, headers, clientId, clientSecret, requestorId }),
    };
  },
};

function firstAccepted(json: string | undefined): Readonly<Record<string, string>> | null {
  const headers = parsedOrNull(json);
  if (typeof headers !== 'object' || headers === null) return null;
  return Object.fromEntries(
    Object.entries(headers).map(([name, values]): [string, string] => [
      name,
      String(Array.isArray(values) ? values[0] : values),
    ]),
  );
}
