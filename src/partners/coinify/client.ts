import * as t from 'io-ts';

import { unreadIn } from '../../codecs/body-fields';
import { parseJson } from '../../codecs/json';
import { ChangeTime } from '../../codecs/partner-times';
import { ExactDecimal, knownWord, MachineWord, ObjectId, OwnContext, Text } from '../../codecs/primitives';
import { side } from '../../codecs/side-fields';
import type { SubjectDetails } from '../../domain/details';
import type { Reading } from '../../domain/reading';
import { presentDetails } from '../details';
import { callPartner, decodeAnswer, failureOfAnswer, type PartnerAnswer } from '../http-client';
import { pathsFor, type ReadPaths } from '../paths';
import { type ObjectAnswer, type PartnerReader, ReadFailure } from '../reading';
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
/** Least answer, with the fields that it may have beside the state (vendors-2, "Coinify"). */
const TradeAnswer = t.intersection([
  t.type({ state: RestState }),
  t.partial({
    traderId: side(ObjectId),
    partnerContext: side(OwnContext),
    updateTime: side(ChangeTime),
    rejectReason: side(MachineWord),
    inCurrency: side(Text),
    inAmount: side(ExactDecimal),
    outCurrency: side(Text),
    outAmount: side(ExactDecimal),
    outAmountExpected: side(ExactDecimal),
  }),
]);
type TradeAnswer = t.TypeOf<typeof TradeAnswer>;

function toReading({ state, rejectReason }: TradeAnswer): Reading {
  return {
    ...{ kind: 'object', status: STATES[state] ?? state, executions: [], quantityExecuted: null },
    reason: rejectReason ?? null,
    ...(isTest(state) ? { facts: { sandbox: state } } : {}),
  };
}

function isTest(state: string): boolean {
  return state.endsWith('_test');
}

function detailsOf(trade: TradeAnswer): SubjectDetails {
  return presentDetails({
    userId: trade.traderId,
    reference: trade.partnerContext,
    reason: trade.rejectReason,
    changedAt: trade.updateTime,
    sandbox: isTest(trade.state) ? trade.state : null,
    amounts: [
      ['in', trade.inAmount, trade.inCurrency],
      ['out', trade.outAmount, trade.outCurrency],
      ['out-expected', trade.outAmountExpected, trade.outCurrency],
    ],
  });
}

function unreadOf({ body }: PartnerAnswer): ObjectAnswer['unread'] {
  const json = parseJson(body);
  return json.ok ? unreadIn(TradeAnswer, json.value) : [];
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
    async read({ object, id }, { traderId }, hear) {
      const asked = pathsFor(paths[object] ?? [], id);
      if (asked.length === 0) return { kind: 'absent' };
      if (traderId === undefined && !('accessToken' in credentials)) {
        throw new ReadFailure('owner unknown', 'no webhook has named the trader yet');
      }
      const signal = AbortSignal.timeout(timeoutMs);
      for (const path of asked) {
        const answer = await getAuthorised(path, traderId ?? '', signal);
        if (answer.statusCode === 200) {
          const trade = decodeAnswer(TradeAnswer, answer, 'the trade');
          hear?.({ body: answer.body, details: detailsOf(trade), unread: unreadOf(answer) });
          return toReading(trade);
        }
        if (answer.statusCode !== 404) throw failureOfAnswer(answer, 'the trade');
      }
      return { kind: 'absent' };
    },
  };
}
