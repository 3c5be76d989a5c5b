import { allOrNone, type VariableReader } from '../../codecs/environment';
import type { PartnerVariables } from '../partner-module';
import { readReadPaths } from '../read-paths';
import { READ_TIMEOUT_MS } from '../reading';
import { readSecretList } from '../secrets';
import type { CoinifyClientOptions } from './client';
import { DEFAULT_PATHS } from './paths';

/** Settings of Coinify: receiving its webhooks and reading its trades, each null where it is off. */
export interface CoinifySettings {
  readonly webhookSecrets: readonly string[] | null;
  readonly client: CoinifyClientOptions | null;
}

const COINIFY_API = ['COINIFY_API_URL', 'COINIFY_TOKEN_URL', 'COINIFY_ACCESS_TOKEN'] as const;

function clientOf(read: VariableReader): CoinifyClientOptions | null {
  const [url, tokenUrl, token] = COINIFY_API;
  const hasToken = read.isSet(token);
  if (hasToken && read.isSet(tokenUrl)) read.complain(token, `nothing, because ${tokenUrl} is set`, 'a value');
  const isWhole = allOrNone(read, [url, hasToken ? token : tokenUrl]);
  const apiUrl = read.url(url) ?? '';
  const accessToken = read.text(token);
  const credentials = { tokenUrl: read.url(tokenUrl) ?? '' };
  const paths = readReadPaths(read, { name: 'COINIFY_PATHS', builtIn: DEFAULT_PATHS });
  if (!isWhole) return null;
  return {
    apiUrl,
    credentials: accessToken === undefined ? credentials : { accessToken },
    timeoutMs: READ_TIMEOUT_MS,
    ...(paths === undefined ? {} : { paths }),
  };
}

/** Variables of Coinify by what they are for. */
export const coinifyVariables: PartnerVariables = {
  webhooks: 'COINIFY_WEBHOOK_SECRETS',
  addresses: 'COINIFY_ADDRESSES',
  reads: COINIFY_API,
  needed: ['COINIFY_API_URL', 'COINIFY_TOKEN_URL or COINIFY_ACCESS_TOKEN'],
};

/** Settings of Coinify from its variables; whatever is wrong is complained about. */
export function readCoinifyVariables(read: VariableReader): CoinifySettings {
  return { webhookSecrets: readSecretList(read, coinifyVariables.webhooks), client: clientOf(read) };
}
