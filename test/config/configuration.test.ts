import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type Command, type Configuration, readConfiguration } from '../support/partners';
import { ConfigurationError, type Environment } from '../../src/codecs/environment';

const LEAST = { DATABASE_URL: 'postgres://user:secret@localhost/partnerflow' };

const TRADEVEST = {
  TRADEVEST_API_URL: 'https://api.example/',
  TRADEVEST_TOKEN_URL: 'https://login.example/token',
  TRADEVEST_CLIENT_ID: 'client',
  TRADEVEST_CLIENT_SECRET: 'hush',
  TRADEVEST_REQUESTOR_ID: '7d0c1c1e-0000-4000-8000-000000000000',
};

function read(environment: Environment, command: Command = 'receive'): Configuration {
  return readConfiguration({ ...LEAST, ...environment }, command);
}

function badOf(environment: Environment, command: Command = 'receive') {
  try {
    readConfiguration({ ...LEAST, ...environment }, command);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.variables;
    throw error;
  }
  return [];
}

function namesOf(environment: Environment, command: Command = 'receive'): readonly string[] {
  return [...new Set(badOf(environment, command).map(({ name }) => name))];
}

describe('a configuration', () => {
  it('needs a database alone; all partners are off then and operations too', () => {
    expect(read({})).toMatchObject({
      temporal: { namespace: 'default' },
      taskQueue: 'partnerflow',
      temporalUiUrl: null,
      receiver: { host: '127.0.0.1', port: 8080, publicUrl: null, bodyLimitBytes: 10_485_760, bodyTimeoutMs: 10_000 },
      operationsTokens: null,
      operationsPort: null,
      tradevest: { webhookHeaders: null, client: null },
      coinify: { webhookSecrets: null, client: null },
      bitpanda: { webhookKeys: null, client: null, signatureMaxAgeSeconds: 300 },
      alerts: null,
      savingsPlanDecision: null,
      deadlineScale: 1,
    });
  });

  it.each([
    [{}, undefined],
    [{ TEMPORAL_PRIORITY: 'off' }, undefined],
    [{ TEMPORAL_PRIORITY: 'on' }, true],
  ] as const)('tells flows and sweeps by %j whether task queues are ordered by priority', (environment, expected) => {
    const { policies, partners } = read(environment);
    const [table] = partners.lifecycleTables;
    if (table === undefined) throw new Error('no lifecycle');
    expect([policies.policyOf(table).usesPriority, policies.sweeps.usesPriority]).toEqual([expected, expected]);
  });

  it('takes no other word for whether task queues are ordered', () => {
    const bad = { name: 'TEMPORAL_PRIORITY', expected: 'one of on, off', found: '"yes"' };
    expect(badOf({ TEMPORAL_PRIORITY: 'yes' })).toEqual([bad]);
  });

  it('names every bad variable at once, and shows no secret', () => {
    const environment = {
      DATABASE_URL: 'mysql://user:hunter2@localhost',
      RECEIVER_PORT: '80a',
      DEADLINE_SCALE: '0',
      OPERATIONS_TOKENS: '{"alice":"hunter2","bob":"hunter2"}',
      TRADEVEST_WEBHOOK_HEADERS: '{"api-key":" hunter2"}',
      COINIFY_WEBHOOK_SECRETS: 'hunter2,',
      BITPANDA_WEBHOOK_KEYS: '{"keys":[{"d":"hunter2"}]}',
      ALERT_WEBHOOK_URL: 'ftp://user:hunter2@alerts.example',
      LOG_LEVEL: 'loud',
    };
    const bad = badOf(environment);
    expect(new Set(bad.map(({ name }) => name))).toEqual(
      new Set([...Object.keys(environment), 'ALERT_WEBHOOK_SECRET']),
    );
    expect(JSON.stringify(bad)).not.toContain('hunter2');
    for (const { expected, found } of bad) expect([expected, found]).not.toContain('');
  });

  it.each([
    ['RECEIVER_PORT', '65536'],
    ['RECEIVER_PORT', '-1'],
    ['RECEIVER_PORT', '80.5'],
    ['RECEIVER_BODY_LIMIT_BYTES', '0'],
    ['RECEIVER_BODY_TIMEOUT_MS', 'soon'],
    ['DATABASE_POOL_SIZE', '0'],
    ['DEADLINE_SCALE', '-1'],
    ['DEADLINE_SCALE', 'NaN'],
    ['DEADLINE_SCALE', '.'],
    ['DEADLINE_SCALE', '1e'],
    ['DEADLINE_SCALE', '0x10'],
    ['DEADLINE_SCALE', 'Infinity'],
    ['POLICY_FILE', 'no/such/file.json'],
    ['POLICY_FILE', 'package.json'],
    ['TEMPORAL_UI_URL', 'localhost'],
    ['RECEIVER_PUBLIC_URL', 'javascript:1'],
    ['OPERATIONS_TOKENS', 'secret'],
    ['OPERATIONS_TOKENS', '{}'],
    ['OPERATIONS_TOKENS', '["a"]'],
    ['OPERATIONS_TOKENS', '{"alice":""}'],
    ['OPERATIONS_TOKENS', '{"alice":"two words"}'],
    ['OPERATIONS_TOKENS', '{"":"a"}'],
    ['OPERATIONS_TOKENS', '{"  ":"a"}'],
    ['OPERATIONS_TOKENS', '{"al\\u0000ice":"a"}'],
    ['OPERATIONS_TOKENS', '{"al\\u001b[31mice":"a"}'],
    ['OPERATIONS_TOKENS', '{"alice\\ud83e":"a"}'],
    ['OPERATIONS_TOKENS', `{"${'🦆'.repeat(201)}":"a"}`],
    ['TRADEVEST_WEBHOOK_HEADERS', '{"api key":["a"]}'],
    ['TRADEVEST_WEBHOOK_HEADERS', '{"api-key":[]}'],
    ['TRADEVEST_WEBHOOK_HEADERS', '{"api-key":[""]}'],
    ['TRADEVEST_WEBHOOK_HEADERS', '{"api-key":["a"],"Api-Key":["b"]}'],
    ['TRADEVEST_WEBHOOK_HEADERS', '{}'],
    ['TRADEVEST_PATHS', '[]'],
    ['TRADEVEST_PATHS', '{"labels":["/labels/{id}"]}'],
    ['TRADEVEST_PATHS', '{"constructor":["/labels/{id}"]}'],
    ['TRADEVEST_PATHS', '{"proxy":[]}'],
    ['TRADEVEST_PATHS', '{"proxy":"/proxies/{id}"}'],
    ['TRADEVEST_PATHS', '{"proxy":["proxies/{id}"]}'],
    ['TRADEVEST_PATHS', '{"proxy":["/proxies/{id}/{id}"]}'],
    ['TRADEVEST_PATHS', '{"proxy":["/proxies/{id}","/proxies"]}'],
    ['COINIFY_PATHS', '{"trade":["/trades"]}'],
    ['COINIFY_PATHS', '{"order":["/orders/{id}"]}'],
    ['BITPANDA_PATHS', '{"events":["/events/{id}"]}'],
    ['BITPANDA_PATHS', '{"events":["events"]}'],
    ['BITPANDA_PATHS', '{"events":[]}'],
    ['COINIFY_WEBHOOK_SECRETS', ','],
    ['TRADEVEST_ADDRESSES', 'host.example'],
    ['COINIFY_ADDRESSES', '10.0.0.0/33'],
    ['BITPANDA_ADDRESSES', ','],
    ['TRUSTED_PROXIES', '10.0.0'],
    ['BITPANDA_SANDBOX', 'refuse'],
    ['BITPANDA_WEBHOOK_HEADERS', '{"x key":["a"]}'],
    ['SAVINGS_PLAN_DECISION_URL', 'always'],
    ['BITPANDA_WEBHOOK_KEYS', '{"keys":[]}'],
    ['BITPANDA_WEBHOOK_KEYS', 'no/such/file.json'],
    ['TEMPORAL_TLS_CLIENT_CERT_PATH', 'no/such/file.pem'],
  ])('refuses %s=%s', (name, value) => {
    const names = namesOf({ [name]: value });
    expect(names).toEqual([name.startsWith('TEMPORAL_TLS') ? 'TEMPORAL_*' : name]);
  });

  it.each(['0.00001', '1e-5', '1000', '.5', '5.', '+2', '1e+3', '1E3', ' 0.5 '])(
    'takes the deadline scale %s',
    (scale) => {
      expect(read({ DEADLINE_SCALE: scale }).deadlineScale).toBe(Number(scale));
    },
  );

  it('takes several live credentials of a partner, newest first', () => {
    const { tradevest, coinify } = read({
      TRADEVEST_WEBHOOK_HEADERS: '{"Api-Key":["new","old"],"X-Tenant":"ours"}',
      COINIFY_WEBHOOK_SECRETS: 'new, old',
    });
    expect(tradevest.webhookHeaders).toEqual({ 'api-key': ['new', 'old'], 'x-tenant': ['ours'] });
    expect(coinify.webhookSecrets).toEqual(['new', 'old']);
  });

  it('takes other paths of Tradevest’s reads, and leaves the built-in ones where none are given', () => {
    const given = { ...TRADEVEST, TRADEVEST_PATHS: '{"strategy":["/v2/strategies/{id}","/strategies?id={id}"]}' };
    const paths = { strategy: ['/v2/strategies/{id}', '/strategies?id={id}'] };
    expect(read(given).tradevest.client?.paths).toEqual(paths);
    expect(read(TRADEVEST).tradevest.client?.paths).toBeUndefined();
  });

  it('takes other paths of what is assumed of Coinify and Bitpanda, too', () => {
    const { coinify, bitpanda } = read({
      COINIFY_API_URL: 'https://api.example',
      COINIFY_ACCESS_TOKEN: 'hush',
      COINIFY_PATHS: '{"trade":["/v2/trades/{id}","/trades/{id}"]}',
      BITPANDA_API_URL: 'https://api.example',
      BITPANDA_TOKEN_URL: 'https://login.example/token',
      BITPANDA_CLIENT_ID: 'client',
      BITPANDA_CLIENT_SECRET: 'hush',
      BITPANDA_PATHS: '{"events":["/v2/events"]}',
    });
    expect(coinify.client?.paths).toEqual({ trade: ['/v2/trades/{id}', '/trades/{id}'] });
    expect(bitpanda.client?.paths).toEqual({ events: ['/v2/events'] });
  });

  it('names a bad policy file together with the other bad variables, in every command', () => {
    const environment = { RECEIVER_PORT: 'abc', DEADLINE_SCALE: 'x', POLICY_FILE: 'no/such/file.json' };
    for (const command of ['setup', 'receive', 'dispatch', 'work', 'operate'] as const)
      expect([...namesOf(environment, command)].sort()).toEqual(Object.keys(environment).sort());
  });

  it('reads Bitpanda keys from JSON or from a file, and only public ones of P-256', () => {
    const jwk = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' });
    const set = JSON.stringify({ keys: [{ ...jwk, kid: 'k1' }] });
    expect(read({ BITPANDA_WEBHOOK_KEYS: set }).bitpanda.webhookKeys).toMatchObject([{ kid: 'k1', crv: 'P-256' }]);
    const folder = mkdtempSync(join(tmpdir(), 'partnerflow-keys-'));
    writeFileSync(join(folder, 'keys.json'), set);
    expect(read({ BITPANDA_WEBHOOK_KEYS: join(folder, 'keys.json') }).bitpanda.webhookKeys).toHaveLength(1);
    rmSync(folder, { recursive: true });
    const twice = JSON.stringify({
      keys: [
        { ...jwk, kid: 'k1' },
        { ...jwk, kid: 'k1' },
      ],
    });
    expect(namesOf({ BITPANDA_WEBHOOK_KEYS: twice })).toEqual(['BITPANDA_WEBHOOK_KEYS']);
    const other = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export({ format: 'jwk' });
    expect(namesOf({ BITPANDA_WEBHOOK_KEYS: JSON.stringify({ keys: [{ ...other, kid: 'k1' }] }) })).toHaveLength(1);
  });

  it('reads the Temporal connection from the variables of its own SDK, and from no profile file', () => {
    const { temporal } = read({
      TEMPORAL_ADDRESS: 'temporal.example:7233',
      TEMPORAL_NAMESPACE: 'money',
      TEMPORAL_API_KEY: 'key',
      TEMPORAL_PROFILE: 'somebody',
      TEMPORAL_CONFIG_FILE: 'no/such/file.toml',
    });
    expect(temporal).toMatchObject({
      namespace: 'money',
      connection: { address: 'temporal.example:7233', apiKey: 'key', tls: true },
    });
  });
});

describe('a partner half configured', () => {
  const commands: readonly Command[] = ['setup', 'receive', 'dispatch', 'work', 'operate'];

  it.each(Object.keys(TRADEVEST))('refuses to start in every command without %s alone', (missing) => {
    for (const command of commands) {
      expect(namesOf({ ...TRADEVEST, [missing]: undefined }, command)).toEqual([missing]);
    }
  });

  it('takes Coinify reads with a token URL or a static token, and neither both nor none', () => {
    const url = { COINIFY_API_URL: 'https://api.example' };
    const tokenUrl = { COINIFY_TOKEN_URL: 'https://ours.example/token' };
    const token = { COINIFY_ACCESS_TOKEN: 'hush' };
    expect(read({ ...url, ...tokenUrl }).coinify.client?.credentials).toEqual({
      tokenUrl: 'https://ours.example/token',
    });
    expect(read({ ...url, ...token }).coinify.client?.credentials).toEqual({ accessToken: 'hush' });
    expect(namesOf({ ...url, ...tokenUrl, ...token })).toEqual(['COINIFY_ACCESS_TOKEN']);
    expect(namesOf(url)).toEqual(['COINIFY_TOKEN_URL']);
    expect(namesOf(token)).toEqual(['COINIFY_API_URL']);
  });

  it('receives without a way to read, but does not work without one', () => {
    const webhooks = { TRADEVEST_WEBHOOK_HEADERS: '{"api-key":["a"]}', COINIFY_WEBHOOK_SECRETS: 'a' };
    expect(namesOf(webhooks, 'receive')).toEqual([]);
    expect(namesOf(webhooks, 'operate')).toEqual([]);
    expect(namesOf(webhooks, 'work')).toEqual([
      ...Object.keys(TRADEVEST),
      'COINIFY_API_URL',
      'COINIFY_TOKEN_URL or COINIFY_ACCESS_TOKEN',
    ]);
  });

  it('is an alert target without its secret, or a secret without its target, too', () => {
    expect(namesOf({ ALERT_WEBHOOK_URL: 'https://alerts.example' })).toEqual(['ALERT_WEBHOOK_SECRET']);
    expect(namesOf({ ALERT_WEBHOOK_SECRET: 'hush' })).toEqual(['ALERT_WEBHOOK_URL']);
    expect(namesOf({ OUTBOX_WEBHOOK_URL: 'https://backend.example' })).toEqual(['OUTBOX_WEBHOOK_SECRET']);
    expect(namesOf({ OUTBOX_WEBHOOK_SECRET: 'hush' })).toEqual(['OUTBOX_WEBHOOK_URL']);
  });

  it('refuses a secret that looks like one of the Standard Webhooks specification and is none, without showing it', () => {
    const given = { OUTBOX_WEBHOOK_URL: 'https://backend.example', OUTBOX_WEBHOOK_SECRET: 'whsec_hunter2!' };
    expect(namesOf(given)).toEqual(['OUTBOX_WEBHOOK_SECRET']);
    expect(JSON.stringify(badOf(given))).not.toContain('hunter2');
    expect(namesOf({ ...given, OUTBOX_WEBHOOK_SECRET: 'whsec_c2VjcmV0' })).toEqual([]);
  });

  it('tells outcomes nowhere unless it is said where, and is patient for about two days', () => {
    expect(read({})).toMatchObject({ outcomes: null, outbox: { timeoutMs: 10_000, mostAttempts: 250 } });
    expect(namesOf({ OUTBOX_TIMEOUT_MS: '0', OUTBOX_MOST_ATTEMPTS: '0' })).toEqual([
      'OUTBOX_TIMEOUT_MS',
      'OUTBOX_MOST_ATTEMPTS',
    ]);
  });

  it('lets a receiver dispatch unless it is told not to, by one of two words', () => {
    expect(read({}).receiver.dispatches).toBe(true);
    expect(read({ RECEIVER_DISPATCH: 'on' }).receiver.dispatches).toBe(true);
    expect(read({ RECEIVER_DISPATCH: 'off' }).receiver.dispatches).toBe(false);
    expect(badOf({ RECEIVER_DISPATCH: 'false' })).toEqual([
      { name: 'RECEIVER_DISPATCH', expected: 'one of on, off', found: '"false"' },
    ]);
  });

  it('warns where operators share the port of partners', () => {
    expect(read({ OPERATIONS_TOKENS: '{"alice":"a"}' }).warnings).toHaveLength(1);
    expect(read({ OPERATIONS_TOKENS: '{"alice":"a"}', OPERATIONS_PORT: '8081' }).warnings).toEqual([]);
  });
});
