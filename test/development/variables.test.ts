import { ConfigurationError } from '../../src/codecs/environment';
import { developmentCredentials } from '../../src/development/credentials';
import { receiverVariables, stackVariables, withoutEmpty } from '../../src/development/variables';
import { readConfiguration } from '../support/partners';
import type { Simulator } from '../../src/simulator/server';

type Environment = Readonly<Record<string, string>>;

const SERVERS = { DATABASE_URL: 'postgres://localhost/partnerflow', TEMPORAL_ADDRESS: 'localhost:7233' };

function simulatorAt(port: number, given: string | undefined): Simulator | null {
  if (given !== undefined) return null;
  const url = `http://127.0.0.1:${port}`;
  const stop = () => Promise.resolve();
  const play = () => Promise.reject(new Error('nothing is played here'));
  return { url, tokenUrl: `${url}/token`, objects: () => [], sent: () => [], stop, play };
}

/** The variables that `dev` makes up beside these, and what is wrong with all of them together. */
function developing(given: Environment) {
  const credentials = developmentCredentials(given);
  const simulators = {
    tradevest: simulatorAt(1, given.TRADEVEST_API_URL),
    coinify: simulatorAt(2, given.COINIFY_API_URL),
    bitpanda: simulatorAt(3, given.BITPANDA_API_URL),
  };
  const made = { ...SERVERS, ...stackVariables(given, credentials, simulators) };
  try {
    return { made, bad: [], read: readConfiguration({ ...made, ...given }, 'work') };
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return { made, bad: error.variables.map(({ name }) => name), read: null };
  }
}

const FAKE = 'http://127.0.0.1:9000';

describe('a partner of one’s own under dev', () => {
  test('needs no more than its address: everything else that reading it takes is made up', () => {
    const { bad, read } = developing({ TRADEVEST_API_URL: `${FAKE}/`, COINIFY_API_URL: FAKE, BITPANDA_API_URL: FAKE });
    expect(bad).toEqual([]);
    expect(read?.tradevest.client).toMatchObject({ apiUrl: FAKE, tokenUrl: `${FAKE}/connect/token` });
    expect(read?.bitpanda.client).toMatchObject({ apiUrl: FAKE, tokenUrl: `${FAKE}/oauth/token` });
    expect(read?.coinify.client).toMatchObject({ apiUrl: FAKE, credentials: { accessToken: expect.any(String) } });
  });

  test.each([
    { TRADEVEST_API_URL: FAKE, TRADEVEST_TOKEN_URL: `${FAKE}/t` },
    { TRADEVEST_API_URL: FAKE, TRADEVEST_TOKEN_URL: `${FAKE}/t`, TRADEVEST_CLIENT_SECRET: 'ours' },
    { TRADEVEST_CLIENT_ID: 'ours' },
    { COINIFY_API_URL: FAKE, COINIFY_TOKEN_URL: `${FAKE}/t` },
    { COINIFY_API_URL: FAKE, COINIFY_ACCESS_TOKEN: 'ours' },
    { COINIFY_ACCESS_TOKEN: 'ours' },
    { BITPANDA_API_URL: FAKE, BITPANDA_TOKEN_URL: `${FAKE}/t`, BITPANDA_CLIENT_ID: 'ours' },
    { ALERT_WEBHOOK_URL: FAKE },
    { OUTBOX_WEBHOOK_URL: FAKE },
    {},
  ])('starts with %j alone, and takes what is given as it is', (given) => {
    const { made, bad } = developing(given);
    expect(bad).toEqual([]);
    const overridden = Object.entries(given).filter(
      ([name, value]) => name in made && Reflect.get(made, name) !== value,
    );
    expect(overridden.filter(([name]) => !/CLIENT|TOKEN/.test(name))).toEqual([]);
  });

  test.each(['TRADEVEST_WEBHOOK_HEADERS', 'OPERATIONS_TOKENS'])('is told by name that %s is no JSON', (name) => {
    expect(developing({ [name]: '{"half":' }).bad).toEqual([name]);
  });
});

describe('an empty variable under dev', () => {
  test('counts as unset, also where it names a server', () => {
    const options = {
      databaseUrl: '',
      temporalAddress: ' ',
      environment: { TRADEVEST_API_URL: '', LOG_LEVEL: 'info' },
    };
    expect(withoutEmpty(options)).toEqual({
      databaseUrl: undefined,
      temporalAddress: undefined,
      environment: { LOG_LEVEL: 'info' },
    });
  });
});

describe('the receiver under dev', () => {
  const free = () => Promise.resolve(20_000);

  test.each([
    ['a usual port', {}, 8080, { RECEIVER_PORT: '8080' }, 'http://127.0.0.1:8080'],
    ['a free port where there is no usual one', {}, null, { RECEIVER_PORT: '20000' }, 'http://127.0.0.1:20000'],
    ['the given port', { RECEIVER_PORT: '9001' }, 8080, { RECEIVER_PORT: '9001' }, 'http://127.0.0.1:9001'],
    ['a free port for 0', { RECEIVER_PORT: '0' }, 8080, { RECEIVER_PORT: '20000' }, 'http://127.0.0.1:20000'],
    ['every address', { RECEIVER_HOST: '0.0.0.0' }, 8080, { RECEIVER_PORT: '8080' }, 'http://127.0.0.1:8080'],
    ['another address', { RECEIVER_HOST: '::1' }, 8080, { RECEIVER_PORT: '8080' }, 'http://[::1]:8080'],
    ['no port at all', { RECEIVER_PORT: 'abc' }, 8080, {}, 'http://127.0.0.1:8080'],
  ])('listens on %s, and there the simulators deliver', async (_what, given, usual, variables, deliverTo) => {
    expect(await receiverVariables(given, usual, free)).toEqual({ variables, deliverTo });
  });
});
