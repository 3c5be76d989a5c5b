import type { VariableReader } from './environment';
import type { CoinifyClientOptions } from '../partners/coinify/client';
import type { TradevestClientOptions } from '../partners/tradevest/client';
import type { BitpandaKey } from '../partners/bitpanda/authenticate';
import type { BitpandaClientOptions } from '../partners/bitpanda/client';
import { DEFAULT_PATHS as BITPANDA_PATHS } from '../partners/bitpanda/paths';
import { DEFAULT_PATHS as COINIFY_PATHS } from '../partners/coinify/paths';
import { DEFAULT_PATHS as TRADEVEST_PATHS } from '../partners/tradevest/paths';
import { KEY_SET_EXPECTED, readKeySet } from './key-set';
import { readReadPaths } from './read-paths';
import { readSecretList, readStaticHeaders } from './secrets';

/** Settings of each partner for receiving its webhooks and for reading its objects, each null where it is off. */
export interface PartnersConfiguration {
  readonly tradevest: {
    /** Header names in lower case with their accepted values, newest first. */
    readonly webhookHeaders: Readonly<Record<string, readonly string[]>> | null;
    readonly client: TradevestClientOptions | null;
  };
  readonly coinify: { readonly webhookSecrets: readonly string[] | null; readonly client: CoinifyClientOptions | null };
  readonly bitpanda: {
    readonly webhookKeys: readonly BitpandaKey[] | null;
    readonly signatureMaxAgeSeconds: number;
    readonly client: BitpandaClientOptions | null;
  };
}

/**
 * True when all variables are set; where only some are, each missing one is complained about: a partner half
 * configured refuses to start.
 */
export function allOrNone(read: VariableReader, names: readonly string[]): boolean {
  const missing = names.filter((name) => !read.isSet(name));
  if (missing.length === 0) return true;
  const given = names.filter((name) => read.isSet(name));
  if (given.length > 0)
    for (const name of missing) read.complain(name, `a value, because ${given.join(', ')} is set`, 'nothing');
  return false;
}

const TRADEVEST_API = [
  'TRADEVEST_API_URL',
  'TRADEVEST_TOKEN_URL',
  'TRADEVEST_CLIENT_ID',
  'TRADEVEST_CLIENT_SECRET',
  'TRADEVEST_REQUESTOR_ID',
];

const COINIFY_API = ['COINIFY_API_URL', 'COINIFY_TOKEN_URL', 'COINIFY_ACCESS_TOKEN'] as const;

const BITPANDA_API = ['BITPANDA_API_URL', 'BITPANDA_TOKEN_URL', 'BITPANDA_CLIENT_ID', 'BITPANDA_CLIENT_SECRET'];

/** Variables of each partner's webhooks, and of the reads of its objects. */
const WEBHOOKS_AND_READS = [
  { webhooks: 'TRADEVEST_WEBHOOK_HEADERS', any: TRADEVEST_API, needed: TRADEVEST_API },
  {
    webhooks: 'COINIFY_WEBHOOK_SECRETS',
    any: COINIFY_API,
    needed: ['COINIFY_API_URL', 'COINIFY_TOKEN_URL or COINIFY_ACCESS_TOKEN'],
  },
  { webhooks: 'BITPANDA_WEBHOOK_KEYS', any: BITPANDA_API, needed: BITPANDA_API },
];

/** Complaint about a partner that reports and cannot be read: a worker would call every flow of it unreachable. */
export function requireReading(read: VariableReader): void {
  for (const { webhooks, any, needed } of WEBHOOKS_AND_READS) {
    if (!read.isSet(webhooks) || any.some((name) => read.isSet(name))) continue;
    for (const name of needed) read.complain(name, `a value to read with, because ${webhooks} is set`, 'nothing');
  }
}

/** Settings of the partners; half of a partner's API is complained about. */
export function readPartners(read: VariableReader): PartnersConfiguration {
  const { keys, maxAgeSeconds } = bitpandaWebhook(read);
  return {
    tradevest: { webhookHeaders: readStaticHeaders(read, 'TRADEVEST_WEBHOOK_HEADERS'), client: tradevestClient(read) },
    coinify: { webhookSecrets: readSecretList(read, 'COINIFY_WEBHOOK_SECRETS'), client: coinifyClient(read) },
    bitpanda: { webhookKeys: keys, signatureMaxAgeSeconds: maxAgeSeconds, client: bitpandaClient(read) },
  };
}

const DAY_SECONDS = 86_400;

/** Keys of Bitpanda's webhooks. Without them no signature can be verified, so an age alone is half a configuration. */
function bitpandaWebhook(read: VariableReader): { keys: readonly BitpandaKey[] | null; maxAgeSeconds: number } {
  const [name, age] = ['BITPANDA_WEBHOOK_KEYS', 'BITPANDA_SIGNATURE_MAX_AGE_SECONDS'];
  const maxAgeSeconds = read.number(age, 300, 1, DAY_SECONDS);
  const given = read.text(name);
  if (given === undefined) {
    if (read.isSet(age)) read.complain(name, `a value, because ${age} is set`, 'nothing');
    return { keys: null, maxAgeSeconds };
  }
  const keys = readKeySet(given);
  if (typeof keys !== 'string') return { keys, maxAgeSeconds };
  read.complain(name, KEY_SET_EXPECTED, keys);
  return { keys: null, maxAgeSeconds };
}

const READ_TIMEOUT_MS = 10_000;

function tradevestClient(read: VariableReader): TradevestClientOptions | null {
  const isWhole = allOrNone(read, TRADEVEST_API);
  const apiUrl = read.url('TRADEVEST_API_URL') ?? '';
  const tokenUrl = read.url('TRADEVEST_TOKEN_URL') ?? '';
  const paths = readReadPaths(read, { name: 'TRADEVEST_PATHS', builtIn: TRADEVEST_PATHS, ids: 1 });
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

function coinifyClient(read: VariableReader): CoinifyClientOptions | null {
  const [url, tokenUrl, token] = COINIFY_API;
  const hasToken = read.isSet(token);
  if (hasToken && read.isSet(tokenUrl)) read.complain(token, `nothing, because ${tokenUrl} is set`, 'a value');
  const isWhole = allOrNone(read, [url, hasToken ? token : tokenUrl]);
  const apiUrl = read.url(url) ?? '';
  const accessToken = read.text(token);
  const credentials = { tokenUrl: read.url(tokenUrl) ?? '' };
  const paths = readReadPaths(read, { name: 'COINIFY_PATHS', builtIn: COINIFY_PATHS, ids: 1 });
  if (!isWhole) return null;
  return {
    apiUrl,
    credentials: accessToken === undefined ? credentials : { accessToken },
    timeoutMs: READ_TIMEOUT_MS,
    ...(paths === undefined ? {} : { paths }),
  };
}

function bitpandaClient(read: VariableReader): BitpandaClientOptions | null {
  const isWhole = allOrNone(read, BITPANDA_API);
  const apiUrl = read.url('BITPANDA_API_URL') ?? '';
  const tokenUrl = read.url('BITPANDA_TOKEN_URL') ?? '';
  const paths = readReadPaths(read, { name: 'BITPANDA_PATHS', builtIn: BITPANDA_PATHS, ids: 0 });
  if (!isWhole) return null;
  return {
    apiUrl,
    tokenUrl,
    clientId: read.text('BITPANDA_CLIENT_ID') ?? '',
    clientSecret: read.text('BITPANDA_CLIENT_SECRET') ?? '',
    timeoutMs: READ_TIMEOUT_MS,
    ...(paths === undefined ? {} : { paths }),
  };
}
