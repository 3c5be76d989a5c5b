import { randomBytes } from 'node:crypto';

import { readCodecServerVariables } from '../../src/config/configuration';
import { readConfiguration } from '../support/partners';
import { ConfigurationError, type Environment } from '../../src/codecs/environment';

const LEAST = { DATABASE_URL: 'postgres://user@localhost/partnerflow' };
const [ONE, TWO] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')];

function badOf(read: () => unknown): readonly string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof ConfigurationError) return error.variables.map(({ name, found }) => `${name}: ${found}`);
    throw error;
  }
  return [];
}

const readAll = (environment: Environment) => readConfiguration({ ...LEAST, ...environment }, 'receive');

describe('keys and terms', () => {
  it('are read newest first, in the order they are written', () => {
    const { bodyKeys, payloadKeys, bodyRetentionDays, recordRetentionDays } = readAll({
      BODY_ENCRYPTION_KEYS: JSON.stringify({ '2026-06': ONE, 'k-1': TWO }),
      TEMPORAL_PAYLOAD_KEYS: JSON.stringify({ only: TWO }),
      BODY_RETENTION: '{"tradevest":365,"coinify":30}',
      RECORD_RETENTION: '{"keys":1825,"alerts":1}',
    });
    expect(bodyKeys?.map(({ id, key }) => [id, key.toString('base64')])).toEqual([
      ['2026-06', ONE],
      ['k-1', TWO],
    ]);
    expect(payloadKeys?.map(({ id }) => id)).toEqual(['only']);
    expect(bodyRetentionDays).toEqual({ tradevest: 365, coinify: 30 });
    expect(recordRetentionDays).toEqual({ keys: 1825, alerts: 1 });
  });

  it('include the key by which references are found', () => {
    expect(readAll({ REFERENCE_HASH_KEY: ONE }).referenceHashKey?.toString('base64')).toBe(ONE);
  });

  it('are off when unset', () => {
    const configuration = readAll({});
    expect(configuration).toMatchObject({ bodyKeys: null, payloadKeys: null, bodyRetentionDays: {} });
    expect(configuration.referenceHashKey).toBeNull();
  });

  it.each([
    ['BODY_ENCRYPTION_KEYS', 'hush-hush'],
    ['BODY_ENCRYPTION_KEYS', '[]'],
    ['BODY_ENCRYPTION_KEYS', '{}'],
    ['BODY_ENCRYPTION_KEYS', '{"a":"hush-hush"}'],
    ['BODY_ENCRYPTION_KEYS', JSON.stringify({ a: ONE.slice(4) })],
    ['BODY_ENCRYPTION_KEYS', JSON.stringify({ 'a.b': ONE })],
    ['BODY_ENCRYPTION_KEYS', JSON.stringify({ a: ONE, b: ONE })],
    // A parser would put a name of digits alone before the others, and another key would be the newest.
    ['BODY_ENCRYPTION_KEYS', JSON.stringify({ new: ONE, '1': TWO })],
    ['REFERENCE_HASH_KEY', 'hush-hush'],
    ['REFERENCE_HASH_KEY', ONE.slice(4)],
    ['TEMPORAL_PAYLOAD_KEYS', '{"a":1}'],
    ['BODY_RETENTION', '{"tradevest":0}'],
    ['BODY_RETENTION', '{"tradevest":"30"}'],
    ['BODY_RETENTION', '{"tradevest":1.5}'],
    ['BODY_RETENTION', '{"somebody":30}'],
    ['BODY_RETENTION', '30'],
    ['RECORD_RETENTION', '{"keys":29}'],
    ['RECORD_RETENTION', '{"audit":1.5}'],
    ['RECORD_RETENTION', '{"bodies":30}'],
    ['RECORD_RETENTION', '[]'],
  ])('%s=%s is refused, and no key is shown', (name, value) => {
    const bad = badOf(() => readAll({ [name]: value }));
    expect(bad).toHaveLength(1);
    expect(bad[0]).toMatch(new RegExp(`^${name}: `));
    expect(bad.join()).not.toContain(ONE);
    expect(bad.join()).not.toContain('hush-hush');
  });

  it('of a codec server are a page and keys, both required', () => {
    expect(badOf(() => readCodecServerVariables({})).map((one) => one.split(':')[0])).toEqual([
      'TEMPORAL_UI_URL',
      'TEMPORAL_PAYLOAD_KEYS',
    ]);
    const given = {
      TEMPORAL_UI_URL: 'https://ui.example/temporal/',
      TEMPORAL_PAYLOAD_KEYS: JSON.stringify({ a: ONE }),
    };
    expect(readCodecServerVariables(given)).toMatchObject({
      host: '127.0.0.1',
      port: 8081,
      uiOrigin: 'https://ui.example',
    });
  });
});
