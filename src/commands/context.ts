import { createPublicKey } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import * as t from 'io-ts';

import { decode } from '../codecs/decode';
import { type Configuration, processEnvironment, readConfiguration } from '../config/configuration';
import { ConfigurationError, type Environment } from '../config/environment';
import { type Database, type DatabaseOptions, openDatabase } from '../store/database';
import { createEncryption, type Encryption } from '../store/encryption';
import { createFlowLink, type FlowLink } from '../store/flows/list';

/**
 * The parts that an operator's command works with: the store itself, so that commands also work while the receiver is
 * down.
 */
export interface OperatorContext {
  readonly configuration: Configuration;
  readonly database: Database['kysely'];
  readonly encryption: Encryption;
  readonly flowLink: FlowLink;
}

/** The public half of the key that the simulator of a running `dev` signs with. */
function publicKeysOf({ keyid, privateKeyPem }: { readonly keyid: string; readonly privateKeyPem: string }): string {
  const { kty, crv, x, y } = createPublicKey(privateKeyPem).export({ format: 'jwk' });
  return JSON.stringify({ keys: [{ kid: keyid, kty, crv, x, y }] });
}

const DEV_FILE = join('.partnerflow', 'dev.json');

/** What of the file that `dev` and `demo -- --keep` write leads to their servers. */
const DevFile = t.intersection([
  t.type({
    databaseUrl: t.string,
    temporalAddress: t.string,
    temporalUiUrl: t.union([t.string, t.null]),
  }),
  t.partial({
    bodyEncryptionKeys: t.union([t.string, t.null]),
    // What evidence and refused requests are verified with.
    tradevest: t.type({ headers: t.record(t.string, t.string) }),
    coinify: t.type({ secret: t.string }),
    bitpanda: t.type({ keyid: t.string, privateKeyPem: t.string }),
  }),
]);

function contentOf(path: string): unknown {
  try {
    const content: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return content;
  } catch {
    throw new ConfigurationError([{ name: DEV_FILE, expected: 'a readable JSON file, or none', found: 'another' }]);
  }
}

/**
 * The environment; where it names no database, the servers of a running `dev`. All of them together, because a
 * database of one place and a Temporal of another would be worse than an error.
 */
export function operatorEnvironment(environment: Environment, folder: string): Environment {
  const path = join(folder, DEV_FILE);
  if ((environment.DATABASE_URL ?? '') !== '' || !existsSync(path)) return environment;
  const decoding = decode(DevFile, contentOf(path));
  if (!decoding.ok) {
    const { path: field, expected, found } = decoding.problem;
    throw new ConfigurationError([{ name: `${field} in ${DEV_FILE}`, expected, found }]);
  }
  const { databaseUrl, temporalAddress, temporalUiUrl, bodyEncryptionKeys, tradevest, coinify, bitpanda } =
    decoding.value;
  return {
    ...environment,
    DATABASE_URL: databaseUrl,
    TEMPORAL_ADDRESS: temporalAddress,
    TEMPORAL_UI_URL: temporalUiUrl ?? undefined,
    BODY_ENCRYPTION_KEYS: bodyEncryptionKeys ?? undefined,
    TRADEVEST_WEBHOOK_HEADERS: tradevest === undefined ? undefined : JSON.stringify(tradevest.headers),
    COINIFY_WEBHOOK_SECRETS: coinify?.secret,
    BITPANDA_WEBHOOK_KEYS: bitpanda === undefined ? undefined : publicKeysOf(bitpanda),
  };
}

const CONNECTIONS = 2;

/**
 * The result of an operator's work on the store, which is closed after it. `queryTimeoutMs` where a statement may
 * take longer than a listing. Throws `ConfigurationError`.
 */
export async function withStore<T>(
  work: (context: OperatorContext) => Promise<T>,
  options: Pick<DatabaseOptions, 'queryTimeoutMs'> & Partial<Pick<DatabaseOptions, 'poolSize'>> = {},
): Promise<T> {
  const configuration = readConfiguration(operatorEnvironment(processEnvironment(), process.cwd()), 'operate');
  const database = openDatabase({ url: configuration.databaseUrl, poolSize: CONNECTIONS, ...options });
  const flowLink = createFlowLink(configuration.temporalUiUrl, configuration.temporal.namespace);
  try {
    const encryption = createEncryption(configuration.bodyKeys);
    return await work({ configuration, database: database.kysely, encryption, flowLink });
  } finally {
    await database.close();
  }
}
