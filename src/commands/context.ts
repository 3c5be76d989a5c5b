import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import * as t from 'io-ts';

import { decode } from '../codecs/decode';
import { type Configuration, processEnvironment, readConfiguration } from '../config/configuration';
import { ConfigurationError, type Environment } from '../codecs/environment';
import type { Problem } from '../domain/problem';
import { PARTNERS } from '../partners';
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

const DEV_FILE = join('.partnerflow', 'dev.json');

/** The part of the file of `dev` and `demo -- --keep` that leads to their servers. */
const DevFile = t.intersection([
  t.type({
    databaseUrl: t.string,
    temporalAddress: t.string,
    temporalUiUrl: t.union([t.string, t.null]),
  }),
  t.partial({
    bodyEncryptionKeys: t.union([t.string, t.null]),
    referenceHashKey: t.union([t.string, t.null]),
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
export async function operatorEnvironment(environment: Environment, folder: string): Promise<Environment> {
  const path = join(folder, DEV_FILE);
  if ((environment.DATABASE_URL ?? '') !== '' || !existsSync(path)) return environment;
  const content = contentOf(path);
  const decoding = decode(DevFile, content);
  if (!decoding.ok) throw faultyFile(decoding.problem);
  const { databaseUrl, temporalAddress, temporalUiUrl, bodyEncryptionKeys, referenceHashKey } = decoding.value;
  return {
    ...environment,
    DATABASE_URL: databaseUrl,
    TEMPORAL_ADDRESS: temporalAddress,
    TEMPORAL_UI_URL: temporalUiUrl ?? undefined,
    BODY_ENCRYPTION_KEYS: bodyEncryptionKeys ?? undefined,
    REFERENCE_HASH_KEY: referenceHashKey ?? undefined,
    ...(await webhookVariables(content)),
  };
}

function faultyFile({ path, expected, found }: Problem): ConfigurationError {
  return new ConfigurationError([{ name: `${path} in ${DEV_FILE}`, expected, found }]);
}

/** The credentials by which evidence and rejected requests are verified; loaded here, where simulated partners run. */
async function webhookVariables(content: unknown): Promise<Environment> {
  const { SIMULATED_PARTNERS } = await import('../simulator/index.js');
  const shown = t.UnknownRecord.is(content) ? content : {};
  const variables = SIMULATED_PARTNERS.filter(({ name }) => shown[name] !== undefined).map((partner) => {
    const decoding = partner.webhookVariables(shown[partner.name]);
    if (decoding.ok) return decoding.value;
    throw faultyFile({ ...decoding.problem, path: `${partner.name}.${decoding.problem.path}` });
  });
  return Object.fromEntries(variables.flatMap((one) => Object.entries(one)));
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
  const configuration = readConfiguration(
    await operatorEnvironment(processEnvironment(), process.cwd()),
    'operate',
    PARTNERS,
  );
  const database = openDatabase({ url: configuration.databaseUrl, poolSize: CONNECTIONS, ...options });
  const flowLink = createFlowLink(configuration.temporalUiUrl, configuration.temporal.namespace);
  try {
    const encryption = createEncryption(configuration.bodyKeys);
    return await work({ configuration, database: database.kysely, encryption, flowLink });
  } finally {
    await database.close();
  }
}
