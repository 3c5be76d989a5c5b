import { type PublicKey, publicKeys } from './key-set';
import { httpUrl, secrets, staticHeaders, text, wholeNumber } from './values';
import type { Variables } from './variables';

/** What is configured of each partner: receiving its webhooks and reading its objects, each null where it is off. */
export interface PartnersConfiguration {
  readonly tradevest: {
    readonly webhook: { readonly headers: Readonly<Record<string, readonly string[]>> } | null;
    readonly api: TradevestApi | null;
  };
  readonly coinify: {
    readonly webhook: { readonly secrets: readonly string[] } | null;
    readonly api: CoinifyApi | null;
  };
  readonly bitpanda: {
    readonly webhook: { readonly keys: readonly PublicKey[]; readonly signatureMaxAgeSeconds: number } | null;
    readonly api: BitpandaApi | null;
  };
}

export interface TradevestApi {
  readonly apiUrl: string;
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly requestorId: string;
}

export interface CoinifyApi {
  readonly apiUrl: string;
  readonly credentials: { readonly tokenUrl: string } | { readonly accessToken: string };
}

export interface BitpandaApi {
  readonly apiUrl: string;
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Some but not all variables of a partner's API would fail at the first read, long after the start: refused here. */
function refuseHalf(variables: Variables, names: readonly string[]): 'all' | 'none' | 'half' {
  const missing = names.filter((name) => !variables.isSet(name));
  if (missing.length === 0) return 'all';
  if (missing.length === names.length) return 'none';
  const set = names.filter((name) => variables.isSet(name)).join(', ');
  for (const name of missing) variables.refuse({ name, expected: `a value, because ${set} is set`, found: 'unset' });
  return 'half';
}

const TRADEVEST = [
  'TRADEVEST_API_URL',
  'TRADEVEST_TOKEN_URL',
  'TRADEVEST_CLIENT_ID',
  'TRADEVEST_CLIENT_SECRET',
  'TRADEVEST_REQUESTOR_ID',
] as const;

function readTradevest(variables: Variables): TradevestApi | null {
  const completeness = refuseHalf(variables, TRADEVEST);
  const apiUrl = variables.optional('TRADEVEST_API_URL', httpUrl);
  const tokenUrl = variables.optional('TRADEVEST_TOKEN_URL', httpUrl);
  const clientId = variables.optional('TRADEVEST_CLIENT_ID', text);
  const clientSecret = variables.optional('TRADEVEST_CLIENT_SECRET', text);
  const requestorId = variables.optional('TRADEVEST_REQUESTOR_ID', text);
  if (completeness !== 'all') return null;
  if (apiUrl === null || tokenUrl === null || clientId === null || clientSecret === null || requestorId === null)
    return null;
  return { apiUrl, tokenUrl, clientId, clientSecret, requestorId };
}

const COINIFY = ['COINIFY_API_URL', 'COINIFY_TOKEN_URL', 'COINIFY_ACCESS_TOKEN'] as const;

function refuseHalfCoinify(variables: Variables): void {
  const [api, tokenUrl, accessToken] = COINIFY;
  const credentials = [tokenUrl, accessToken].filter((name) => variables.isSet(name));
  if (credentials.length === 2) {
    variables.refuse({ name: accessToken, expected: `to be unset, because ${tokenUrl} is set`, found: 'both' });
  }
  if (variables.isSet(api) && credentials.length === 0) {
    variables.refuse({ name: `${tokenUrl} or ${accessToken}`, expected: `one, because ${api} is set`, found: 'unset' });
  }
  if (!variables.isSet(api) && credentials.length > 0) {
    const because = `a value, because ${credentials.join(', ')} is set`;
    variables.refuse({ name: api, expected: because, found: 'unset' });
  }
}

function readCoinify(variables: Variables): CoinifyApi | null {
  refuseHalfCoinify(variables);
  const apiUrl = variables.optional('COINIFY_API_URL', httpUrl);
  const tokenUrl = variables.optional('COINIFY_TOKEN_URL', httpUrl);
  const accessToken = variables.optional('COINIFY_ACCESS_TOKEN', text);
  if (apiUrl === null) return null;
  if (tokenUrl !== null) return { apiUrl, credentials: { tokenUrl } };
  return accessToken === null ? null : { apiUrl, credentials: { accessToken } };
}

const BITPANDA = ['BITPANDA_API_URL', 'BITPANDA_TOKEN_URL', 'BITPANDA_CLIENT_ID', 'BITPANDA_CLIENT_SECRET'] as const;

function readBitpanda(variables: Variables): BitpandaApi | null {
  const completeness = refuseHalf(variables, BITPANDA);
  const apiUrl = variables.optional('BITPANDA_API_URL', httpUrl);
  const tokenUrl = variables.optional('BITPANDA_TOKEN_URL', httpUrl);
  const clientId = variables.optional('BITPANDA_CLIENT_ID', text);
  const clientSecret = variables.optional('BITPANDA_CLIENT_SECRET', text);
  if (completeness !== 'all') return null;
  if (apiUrl === null || tokenUrl === null || clientId === null || clientSecret === null) return null;
  return { apiUrl, tokenUrl, clientId, clientSecret };
}

const LONGEST_MAX_AGE_SECONDS = 86_400;

/** Without its keys no signature can be judged, so an age alone is half a configuration. */
function readBitpandaWebhook(variables: Variables): PartnersConfiguration['bitpanda']['webhook'] {
  const keys = variables.optional('BITPANDA_WEBHOOK_KEYS', publicKeys);
  const age = wholeNumber(1, LONGEST_MAX_AGE_SECONDS);
  const signatureMaxAgeSeconds = variables.withDefault('BITPANDA_SIGNATURE_MAX_AGE_SECONDS', age, 300);
  if (variables.isSet('BITPANDA_SIGNATURE_MAX_AGE_SECONDS') && !variables.isSet('BITPANDA_WEBHOOK_KEYS')) {
    const expected = 'a value, because BITPANDA_SIGNATURE_MAX_AGE_SECONDS is set';
    variables.refuse({ name: 'BITPANDA_WEBHOOK_KEYS', expected, found: 'unset' });
  }
  return keys === null ? null : { keys, signatureMaxAgeSeconds };
}

const WEBHOOK_AND_API = [
  { webhook: 'TRADEVEST_WEBHOOK_HEADERS', api: TRADEVEST },
  { webhook: 'COINIFY_WEBHOOK_SECRETS', api: ['COINIFY_API_URL', 'COINIFY_TOKEN_URL or COINIFY_ACCESS_TOKEN'] },
  { webhook: 'BITPANDA_WEBHOOK_KEYS', api: BITPANDA },
] as const;

/** A worker that cannot read a partner's objects would report every flow of it as unreachable. */
export function refuseUnreadable(variables: Variables): void {
  for (const { webhook, api } of WEBHOOK_AND_API) {
    const isAnySet = api.flatMap((names) => names.split(' or ')).some((name) => variables.isSet(name));
    if (!variables.isSet(webhook) || isAnySet) continue;
    const expected = `a value to read objects with, because ${webhook} is set`;
    for (const name of api) variables.refuse({ name, expected, found: 'unset' });
  }
}

/** Reads what is configured of the partners; half of a partner's API is refused. */
export function readPartners(variables: Variables): PartnersConfiguration {
  const headers = variables.optional('TRADEVEST_WEBHOOK_HEADERS', staticHeaders);
  const coinifySecrets = variables.optional('COINIFY_WEBHOOK_SECRETS', secrets);
  return {
    tradevest: { webhook: headers === null ? null : { headers }, api: readTradevest(variables) },
    coinify: {
      webhook: coinifySecrets === null ? null : { secrets: coinifySecrets },
      api: readCoinify(variables),
    },
    bitpanda: { webhook: readBitpandaWebhook(variables), api: readBitpanda(variables) },
  };
}
