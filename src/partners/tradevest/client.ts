import type { SubjectKey } from '../../domain/subject-key';
import type { Reading } from '../../domain/reading';
import { callPartner, decodeAnswer, failureOfAnswer, type PartnerAnswer } from '../http-client';
import { pathsFor, type ReadPaths } from '../paths';
import type { PartnerReader } from '../reading';
import { createTokenCache, TokenAnswer } from '../token-cache';
import { besideState } from './answer-details';
import { ANSWERS } from './answers';
import { type MissedEntry, missedEntries } from './missed';
import { DEFAULT_PATHS } from './paths';

/** Options of Tradevest's client. */
export interface TradevestClientOptions {
  readonly apiUrl: string;
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** UUID of the natural person who acts (vendors.md §1.1). */
  readonly requestorId: string;
  /** For one whole read with its token and all its paths. */
  readonly timeoutMs: number;
  /** Paths in place of those of `DEFAULT_PATHS`, by object: some of them are only assumed. */
  readonly paths?: ReadPaths;
}

/** Reads Tradevest's objects, and what it believes we missed. */
export interface TradevestReader extends PartnerReader {
  /** Throws `ReadFailure`. */
  readMissed(): Promise<readonly MissedEntry[]>;
}

const OWNER = 'client';

/** The paths of an object in their order: a traditional order is asked for where such orders are, first. */
function askedPaths(paths: ReadPaths, { object, id }: SubjectKey, hints: Readonly<Record<string, string>>) {
  const templates = paths[object] ?? [];
  const ordered = object === 'order' && hints.asset === 'traditional' ? [...templates].reverse() : templates;
  // A strategy's subject may be one subscription to it; what can be read is the strategy.
  const [first = ''] = object === 'strategy' ? id.split(':') : [id];
  return pathsFor(ordered, first);
}

/** Reads Tradevest's objects with OAuth client credentials. */
export function createTradevestReader(options: TradevestClientOptions): TradevestReader {
  const tokens = createTokenCache();
  const paths = { ...DEFAULT_PATHS, ...options.paths };
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
  const getFirst = async ([path = '', ...others]: readonly string[], signal: AbortSignal): Promise<PartnerAnswer> => {
    const answer = await getAuthorised(path, signal);
    return answer.statusCode === 404 && others.length > 0 ? getFirst(others, signal) : answer;
  };
  return {
    async read(key: SubjectKey, readHints, hear): Promise<Reading> {
      const signal = AbortSignal.timeout(options.timeoutMs);
      const toReading = ANSWERS[key.object];
      if (toReading === undefined) throw new Error(`Tradevest has no ${key.object} that could be read`);
      for (const path of askedPaths(paths, key, readHints)) {
        const answer = await getAuthorised(path, signal);
        if (answer.statusCode === 200) {
          hear?.({ body: answer.body, ...besideState(answer) });
          return toReading(answer);
        }
        if (answer.statusCode !== 404) throw failureOfAnswer(answer, `the ${key.object}`);
      }
      return { kind: 'absent' };
    },
    async readMissed() {
      const signal = AbortSignal.timeout(options.timeoutMs);
      return missedEntries(await getFirst(paths.missed ?? [], signal));
    },
  };
}
