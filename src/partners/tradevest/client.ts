import type { SubjectKey } from '../../domain/notification';
import type { Reading } from '../../domain/reading';
import { callPartner, decodeAnswer, failureOfAnswer, type PartnerAnswer } from '../http-client';
import type { PartnerReader } from '../reading';
import { createTokenCache, TokenAnswer } from '../token-cache';
import { OrderAnswer, toReading } from './order-answer';

export interface TradevestClientOptions {
  readonly apiUrl: string;
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** UUID of the natural person who acts (vendors.md §1.1). */
  readonly requestorId: string;
  /** For one whole read with its token and all its paths. */
  readonly timeoutMs: number;
}

/** Where orders are read, by their kind; the next path on 404. The traditional one is assumed (interface.md). */
const ORDER_PATHS: Readonly<Record<string, readonly string[]>> = {
  digital: ['/digital/orders/', '/trading/order/'],
  traditional: ['/trading/order/', '/digital/orders/'],
};

const OWNER = 'client';

/** Reads Tradevest's objects with OAuth client credentials. */
export function createTradevestReader(options: TradevestClientOptions): PartnerReader {
  const tokens = createTokenCache();
  const fetchToken = async () => {
    const { clientId, clientSecret, tokenUrl, timeoutMs } = options;
    const form = {
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
      scope: 'tradevest.api',
    };
    // Its own deadline: the token serves many callers, so none of them may end it.
    const answer = await callPartner({ method: 'POST', url: tokenUrl, form, signal: AbortSignal.timeout(timeoutMs) });
    return decodeAnswer(TokenAnswer, answer, 'the token endpoint');
  };
  const get = async (path: string, signal: AbortSignal): Promise<PartnerAnswer> => {
    const token = await tokens.token(OWNER, fetchToken, signal);
    const headers = { authorization: `Bearer ${token}`, 'requestor-id': options.requestorId };
    const answer = await callPartner({ method: 'GET', url: `${options.apiUrl}${path}`, headers, signal });
    if (answer.statusCode === 401) tokens.drop(OWNER, token);
    return answer;
  };
  /** A token may have been revoked before its time: once more with a new one. */
  const getAuthorised = async (path: string, signal: AbortSignal): Promise<PartnerAnswer> => {
    const answer = await get(path, signal);
    return answer.statusCode === 401 ? get(path, signal) : answer;
  };
  return {
    async read(key: SubjectKey, readHints): Promise<Reading> {
      const signal = AbortSignal.timeout(options.timeoutMs);
      const paths = ORDER_PATHS[readHints.asset ?? 'digital'] ?? [];
      for (const path of paths) {
        const answer = await getAuthorised(`${path}${encodeURIComponent(key.id)}`, signal);
        if (answer.statusCode === 200) return toReading(decodeAnswer(OrderAnswer, answer, 'the order'));
        if (answer.statusCode !== 404) throw failureOfAnswer(answer, 'the order');
      }
      return { kind: 'absent' };
    },
  };
}
