import { allOrNone, type VariableReader } from '../../codecs/environment';
import type { PartnerVariables } from '../partner-module';
import { readReadPaths } from '../read-paths';
import { READ_TIMEOUT_MS } from '../reading';
import { readStaticHeaders } from '../secrets';
import type { TradevestClientOptions } from './client';
import { DEFAULT_PATHS } from './paths';

/** Settings of Tradevest: receiving its webhooks and reading its objects, each null where it is off. */
export interface TradevestSettings {
  /** Header names in lower case with their accepted values, newest first. */
  readonly webhookHeaders: Readonly<Record<string, readonly string[]>> | null;
  readonly client: TradevestClientOptions | null;
}

const TRADEVEST_API: PartnerVariables['reads'] = [
  'TRADEVEST_API_URL',
  'TRADEVEST_TOKEN_URL',
  'TRADEVEST_CLIENT_ID',
  'TRADEVEST_CLIENT_SECRET',
  'TRADEVEST_REQUESTOR_ID',
];

function clientOf(read: VariableReader): TradevestClientOptions | null {
  const isWhole = allOrNone(read, TRADEVEST_API);
  const apiUrl = read.url('TRADEVEST_API_URL') ?? '';
  const tokenUrl = read.url('TRADEVEST_TOKEN_URL') ?? '';
  const paths = readReadPaths(read, { name: 'TRADEVEST_PATHS', builtIn: DEFAULT_PATHS });
  if (!isWhole) return null;
  return {
    apiUrl,
    tokenUrl,
    clientId: read.text('TRADEVEST_CLIENT_ID') ?? '',
    clientSecret: read.text('TRADEVEST_CLIENT_SECRET') ?? '',
    requestorId: read.text('TRADEVEST_REQUESTOR_ID') ?? '',
    timeoutMs: READ_TIMEOUT_MS,
    ...(paths === undefined ? {} : { paths }),
  };
}

/** Variables of Tradevest by what they are for. */
export const tradevestVariables: PartnerVariables = {
  webhooks: 'TRADEVEST_WEBHOOK_HEADERS',
  addresses: 'TRADEVEST_ADDRESSES',
  reads: TRADEVEST_API,
  needed: TRADEVEST_API,
};

/** Settings of Tradevest from its variables; whatever is wrong is complained about. */
export function readTradevestVariables(read: VariableReader): TradevestSettings {
  return { webhookHeaders: readStaticHeaders(read, tradevestVariables.webhooks), client: clientOf(read) };
}
