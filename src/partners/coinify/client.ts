import * as t from 'io-ts';

import { knownWord } from '../../codecs/primitives';
import type { Reading } from '../../domain/reading';
import { callPartner, decodeAnswer, failureOfAnswer, type PartnerAnswer } from '../http-client';
import { pathsFor, type ReadPaths } from '../paths';
import { type PartnerReader, ReadFailure } from '../reading';
import { createTokenCache, TokenAnswer } from '../token-cache';
import { DEFAULT_PATHS } from './paths';

/** Options of Coinify's client. */
export interface CoinifyClientOptions {
  readonly apiUrl: string;
  /** Coinify's reads authenticate as the trader: our backend is asked for the trader's token, or one static token serves in development. */
  readonly credentials: { readonly tokenUrl: string } | { readonly accessToken: string };
  readonly timeoutMs: number;
  /** Paths in place of those of `DEFAULT_PATHS`, by object. */
  readonly paths?: ReadPaths;
}

/**
 * REST states (partner page) in the words of the events; the mapping of the first three is assumed (vendors.md §2.2). The
 * last two are words of an older client of Coinify's; `completed_test` is a trade of the sandbox.
 */
const STATES: Readonly<Record<string, string>> = {
  awaiting_transfer_in: 'created',
  payment_authorized: 'created',
  processing: 'transfer-in-completed',
  completed: 'completed',
  cancelled: 'cancelled',
  rejected: 'rejected',
  expired: 'expired',
  reviewing: 'reviewing',
  completed_test: 'completed',
};

const RestState = knownWord(
  Object.keys(STATES),
  `one of ${Object.keys(STATES).join(', ')}; a new one is added to src/partners/coinify/client.ts`,
);
const TradeAnswer = t.type({ state: RestState });

function toReading(answer: PartnerAnswer): Reading {
  const { state } = decodeAnswer(TradeAnswer, answer, 'the trade');
  const isTest = state.endsWith('_test');
  return {
    ...{ kind: 'object', status: STATES[state] ?? state, executions: [], quantityExecuted: null, reason: null },
    ...(isTest ? { facts: { sandbox: state } } : {}),
  };
}

/** Reads Coinify's trades as their trader. OTC trades have no read. */
export function createCoinifyReader(options: CoinifyClientOptions): PartnerReader {
  const { credentials, apiUrl, timeoutMs } = options;
  const paths = { ...DEFAULT_PATHS, ...options.paths };
  const tokens = createTokenCache();
  const tokenOf = async (traderId: string, signal: AbortSignal): Promise<string> => {
    if ('accessToken' in credentials) return credentials.accessToken;
    const fetch = async () => {
      // Its own deadline: the token serves many callers, so none of them may end it.
      const own = AbortSignal.timeout(timeoutMs);
      const call = { method: 'POST', url: credentials.tokenUrl, json: { traderId }, signal: own } as const;
      return decodeAnswer(TokenAnswer, await callPartner(call), 'the token endpoint');
    };
    return tokens.token(traderId, fetch, signal);
  };
  const get = async (path: string, traderId: string, signal: AbortSignal): Promise<PartnerAnswer> => {
    const token = await tokenOf(traderId, signal);
    const url = `${apiUrl}${path}`;
    const answer = await callPartner({ method: 'GET', url, headers: { authorization: `Bearer ${token}` }, signal });
    if (answer.statusCode === 401) tokens.drop(traderId, token);
    return answer;
  };
  /** A token may have been revoked before its time: once more with a new one. */
  const getAuthorised = async (path: string, traderId: string, signal: AbortSignal): Promise<PartnerAnswer> => {
    const answer = await get(path, traderId, signal);
    return answer.statusCode === 401 ? get(path, traderId, signal) : answer;
  };
  return {
    async read({ object, id }, { traderId }) {
      const asked = pathsFor(paths[object] ?? [], id);
      if (asked.length === 0) return { kind: 'absent' };
      if (traderId === undefined && !('accessToken' in credentials)) {
        throw new ReadFailure('owner unknown', 'no webhook has named the trader yet');
      }
      const signal = AbortSignal.timeout(timeoutMs);
      for (const path of asked) {
        const answer = await getAuthorised(path, traderId ?? '', signal);
        if (answer.statusCode === 200) return toReading(answer);
        if (answer.statusCode !== 404) throw failureOfAnswer(answer, 'the trade');
      }
      return { kind: 'absent' };
    },
  };
}
