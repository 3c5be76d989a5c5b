import { allOrNone, type VariableReader } from '../../codecs/environment';
import type { PartnerVariables } from '../partner-module';
import { readReadPaths } from '../read-paths';
import { READ_TIMEOUT_MS } from '../reading';
import type { BitpandaKey } from './authenticate';
import type { BitpandaClientOptions } from './client';
import { KEY_SET_EXPECTED, readKeySet } from './key-set';
import { DEFAULT_PATHS } from './paths';

/** Settings of Bitpanda: receiving its webhooks and reading its objects, each null where it is off. */
export interface BitpandaSettings {
  readonly webhookKeys: readonly BitpandaKey[] | null;
  readonly signatureMaxAgeSeconds: number;
  readonly client: BitpandaClientOptions | null;
}

const BITPANDA_API: PartnerVariables['reads'] = [
  'BITPANDA_API_URL',
  'BITPANDA_TOKEN_URL',
  'BITPANDA_CLIENT_ID',
  'BITPANDA_CLIENT_SECRET',
];

function clientOf(read: VariableReader): BitpandaClientOptions | null {
  const isWhole = allOrNone(read, BITPANDA_API);
  const apiUrl = read.url('BITPANDA_API_URL') ?? '';
  const tokenUrl = read.url('BITPANDA_TOKEN_URL') ?? '';
  const paths = readReadPaths(read, { name: 'BITPANDA_PATHS', builtIn: DEFAULT_PATHS, ids: 0 });
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

const DAY_SECONDS = 86_400;

/** Without its keys no signature can be judged, so an age alone is half a configuration. */
function webhooksOf(read: VariableReader): { keys: readonly BitpandaKey[] | null; maxAgeSeconds: number } {
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

/** Variables of Bitpanda by what they are for. */
export const bitpandaVariables: PartnerVariables = {
  webhooks: 'BITPANDA_WEBHOOK_KEYS',
  reads: BITPANDA_API,
  needed: BITPANDA_API,
};

/** Settings of Bitpanda from its variables; whatever is wrong is complained about. */
export function readBitpandaVariables(read: VariableReader): BitpandaSettings {
  const { keys, maxAgeSeconds } = webhooksOf(read);
  return { webhookKeys: keys, signatureMaxAgeSeconds: maxAgeSeconds, client: clientOf(read) };
}
