import { allOrNone, type VariableReader } from '../../codecs/environment';
import { firstCharacters } from '../../domain/plain-text';
import type { PartnerVariables } from '../partner-module';
import { readReadPaths } from '../read-paths';
import { READ_TIMEOUT_MS } from '../reading';
import { readStaticHeaders } from '../secrets';
import type { BitpandaKey } from './authenticate';
import type { BitpandaClientOptions } from './client';
import { KEY_SET_EXPECTED, readKeySet } from './key-set';
import type { Observing } from './observe';
import { DEFAULT_PATHS } from './paths';

/** Settings of Bitpanda: receiving its webhooks and reading its objects, each null where it is off. */
export interface BitpandaSettings {
  readonly webhookKeys: readonly BitpandaKey[] | null;
  /** Accepted values by header, for its way of one URL; they count only where there are no keys. */
  readonly webhookHeaders: Readonly<Record<string, readonly string[]>> | null;
  readonly signatureMaxAgeSeconds: number;
  /** Null: what fails verification is refused. */
  readonly observing: Observing | null;
  /** False where what comes from a test domain is parked. */
  readonly acceptsSandbox: boolean;
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
  const paths = readReadPaths(read, { name: 'BITPANDA_PATHS', builtIn: DEFAULT_PATHS });
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

/** Settings by which its webhooks are authenticated: signatures where there are keys, else headers. */
type WebhookSettings = Omit<BitpandaSettings, 'client' | 'acceptsSandbox'>;

/** Without its keys no signature can be judged, so an age alone is half a configuration. */
function webhooksOf(read: VariableReader): WebhookSettings {
  const age = 'BITPANDA_SIGNATURE_MAX_AGE_SECONDS';
  const signatureMaxAgeSeconds = read.number(age, 300, 1, DAY_SECONDS);
  const { webhooks } = bitpandaVariables;
  if (read.isSet(age) && !read.isSet(webhooks)) read.complain(webhooks, `a value, because ${age} is set`, 'nothing');
  return {
    webhookKeys: keysOf(read, webhooks),
    webhookHeaders: readStaticHeaders(read, 'BITPANDA_WEBHOOK_HEADERS'),
    observing: observingOf(read),
    signatureMaxAgeSeconds,
  };
}

function keysOf(read: VariableReader, name: string): readonly BitpandaKey[] | null {
  const given = read.text(name);
  if (given === undefined) return null;
  const keys = readKeySet(given);
  if (typeof keys !== 'string') return keys;
  read.complain(name, KEY_SET_EXPECTED, keys);
  return null;
}

const MOST_DAYS = 7;

/** Null where signatures count. Without an end of its own observing ends a day after the process began. */
function observingOf(read: VariableReader): Observing | null {
  const [mode, until] = ['BITPANDA_SIGNATURES', 'BITPANDA_SIGNATURES_UNTIL'];
  const isObserved = read.word(mode, ['enforce', 'observe'], 'enforce') === 'observe';
  const given = read.text(until);
  const nowMs = Date.now();
  if (given === undefined) return isObserved ? { untilMs: nowMs + DAY_SECONDS * 1000 } : null;
  const untilMs = /(?:Z|[+-]\d{2}:\d{2})$/.test(given) ? Date.parse(given) : Number.NaN;
  const expected = `a time with its offset, at most ${MOST_DAYS} days ahead, beside ${mode}=observe`;
  if (!(untilMs <= nowMs + MOST_DAYS * DAY_SECONDS * 1000))
    read.complain(until, expected, `"${firstCharacters(given, 40)}"`);
  else if (!isObserved) read.complain(mode, `observe, because ${until} is set`, 'another value, or none');
  return isObserved ? { untilMs } : null;
}

/** Variables of Bitpanda by what they are for. */
export const bitpandaVariables: PartnerVariables = {
  webhooks: 'BITPANDA_WEBHOOK_KEYS',
  otherWebhooks: ['BITPANDA_WEBHOOK_HEADERS'],
  addresses: 'BITPANDA_ADDRESSES',
  reads: BITPANDA_API,
  needed: BITPANDA_API,
};

/** Settings of Bitpanda from its variables; whatever is wrong is complained about. */
export function readBitpandaVariables(read: VariableReader): BitpandaSettings {
  const acceptsSandbox = read.word('BITPANDA_SANDBOX', ['accept', 'park'], 'accept') === 'accept';
  return { ...webhooksOf(read), acceptsSandbox, client: clientOf(read) };
}
