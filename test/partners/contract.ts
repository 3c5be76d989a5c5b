import { CAUSES, readFailure } from '../../activities/failures';
import { createVariableReader, type Environment } from '../../src/codecs/environment';
import type { Reading } from '../../src/domain/reading';
import { type SubjectKey, workflowIdOf } from '../../src/domain/subject-key';
import type { Authentication, IncomingRequest, PartnerReception } from '../../src/partners/authentication';
import type { PartnerClient } from '../../src/partners/client';
import type { ConfiguredPartner, PartnerModule } from '../../src/partners/partner-module';
import { ReadFailure, type ReadFailureCause } from '../../src/partners/reading';
import { type Asked, type Reply, type ScriptedServer, startScriptedServer } from './scripted-server';

/** A credential: two that are configured while one replaces the other, and one of a stranger. */
export type Credential = 'older' | 'newer' | 'strange';

/** A webhook as the partner means it, before it is authenticated. */
export interface Meant {
  /** As it is kept. */
  readonly route: string;
  readonly body: string;
}

/** A webhook that means what a table says. */
export interface Fixture extends Meant {
  readonly name: string;
  readonly event: string;
  /** `<delivery id>` stands for the delivery's own; null where the ledger parks it, which waits for a fuller version. */
  readonly workflowId: string | null;
}

/** What differs between partners; everything else of the contract is the same for all. */
export interface PartnerCases {
  /** Variables with which these credentials are accepted, the newest first, and its objects are read at this address. */
  readonly variables: (accepted: readonly Exclude<Credential, 'strange'>[], apiUrl: string) => Environment;
  /** The request by which a webhook comes. */
  readonly request: (webhook: Meant, credential: Credential) => IncomingRequest;
  /** The header that shows the credential, in lower case. */
  readonly credentialHeader: string;
  /** The header is a structured field, which is one value on however many lines. */
  readonly credentialIsStructured?: true;
  readonly right: Meant;
  /** What nobody knows: a route or, where the body names it, an event; and a state. */
  readonly unknown: { readonly event: Meant; readonly state: Meant };
  /** One event twice, and under its id another meaning; null where events have no id and a repetition is news. */
  readonly repeated: { readonly again: Meant; readonly otherwise: Meant } | null;
  readonly fixtures: readonly Fixture[];
  readonly read: {
    readonly key: SubjectKey;
    readonly readHints: Readonly<Record<string, string>>;
    /** What the partner answers when the object is in this state. */
    readonly found: (state: string) => Reply;
    readonly state: string;
    readonly absent: readonly Reply[];
    /** A token is asked for anew when it is refused. */
    readonly hasTokens: boolean;
  };
  /** What the partner answers when it lists one event, and the route that this belongs to; absent: it lists nothing. */
  readonly listed?: { readonly reply: Reply; readonly route: string };
  readonly confirms?: true;
}

/** Tokens of OAuth in every form that a partner wants; read and refresh tokens alike. */
const TOKEN: Reply = { status: 200, body: { access_token: 'a', refresh_token: 'r', expires_in: 3_600 } };
const WINDOW = { from: '2026-01-01T00:00:00.000Z', to: '2026-01-02T00:00:00.000Z' };

/** Each answer of a partner with the word of the table of failures that it means. */
const FAILURES: readonly (readonly [what: string, reply: Reply, cause: ReadFailureCause])[] = [
  ['401', { status: 401 }, 'unauthorised'],
  ['403', { status: 403 }, 'forbidden'],
  ['429', { status: 429, headers: { 'retry-after': '7' } }, 'rate-limited'],
  ['500', { status: 500 }, 'server-error'],
  ['503', { status: 503 }, 'server-error'],
  ['an answer that no rule expects', { status: 418 }, 'unexpected-status'],
  ['no JSON', { status: 200, body: '<html>' }, 'undecodable'],
  ['JSON of another kind', { status: 200, body: { surprise: [] } }, 'undecodable'],
  ['nothing, for longer than a read may take', null, 'timeout'],
];

/** The same checks for every partner. */
export function describePartner(module: PartnerModule, cases: PartnerCases): void {
  const configure = (environment: Environment): ConfiguredPartner => {
    const read = createVariableReader(environment);
    const configured = module.configure(read);
    expect(read.bad).toEqual([]);
    return configured;
  };
  describe(`the contract of ${module.title}`, () => {
    describeFacts(module);
    describeReception(configure, cases);
    describeDecoding(module, cases);
    describeClient(configure, module, cases);
  });
}

function describeFacts({ name, lifecycles, events, decoder, variables, configure }: PartnerModule): void {
  test('everything it holds is its own: tables, events and variables name no other partner', () => {
    expect(name).toMatch(/^[a-z0-9-]{1,50}$/);
    expect(lifecycles.map(({ partner }) => partner)).toEqual(lifecycles.map(() => name));
    expect(decoder.partner).toBe(name);
    const followed = events.filter(({ lifecycle }) => lifecycle !== 'recorded').map(({ object }) => object);
    expect(followed.filter((one) => !lifecycles.some(({ object }) => object === one))).toEqual([]);
    const prefix = `${name.toUpperCase().replaceAll('-', '_')}_`;
    expect([variables.webhooks, ...variables.reads].filter((one) => !one.startsWith(prefix))).toEqual([]);
  });

  test('without variables it is off: nothing is received, read or noted', () => {
    const read = createVariableReader({});
    const off = configure(read);
    expect([off.reception(), off.client(), off.trustedKeys(), off.evidence().judge]).toEqual([null, null, null, null]);
    expect(read.bad).toEqual([]);
  });

  test('half of what reading it takes is complained about', () => {
    const [apiUrl, ...more] = variables.reads;
    // A partner that is read without a credential has no half.
    if (more.length === 0) return;
    const read = createVariableReader({ [apiUrl]: 'https://api.example' });
    configure(read);
    expect(read.bad.map(({ found }) => found)).toContain('nothing');
  });
}

/** A partner’s client over a scripted server. */
type Client = PartnerClient & { readonly server: ScriptedServer; readonly readObject: () => Promise<Reading> };

type Configure = (environment: Environment) => ConfiguredPartner;

function describeReception(
  configure: Configure,
  { variables, request, credentialHeader, credentialIsStructured, right }: PartnerCases,
): void {
  const receptionWith = (...accepted: readonly Exclude<Credential, 'strange'>[]): PartnerReception => {
    const reception = configure(variables(accepted, 'https://api.example')).reception();
    if (reception === null) throw new Error('it is off');
    return reception;
  };
  const judge = async (incoming: IncomingRequest, ...accepted: readonly Exclude<Credential, 'strange'>[]) =>
    receptionWith(...accepted).authenticate(incoming);
  const fingerprintOf = (judged: Authentication): string | null => (judged.ok ? judged.fingerprint : null);

  test('the right credential is accepted, with a fingerprint that does not hold it', async () => {
    const judged = await judge(request(right, 'newer'), 'newer');
    expect(judged).toMatchObject({
      ok: true,
      verdict: 'authentic',
      fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
    });
  });

  test('a wrong credential is refused, and so is a right one over another body where bodies are signed', async () => {
    expect(await judge(request(right, 'strange'), 'newer')).toMatchObject({ ok: false, credentialPresent: true });
  });

  test('no credential at all is refused, and told from a wrong one', async () => {
    const { rawHeaders, ...rest } = request(right, 'newer');
    const without = rawHeaders.filter(([name]) => name.toLowerCase() !== credentialHeader);
    expect(await judge({ ...rest, rawHeaders: without }, 'newer')).toMatchObject({
      ok: false,
      credentialPresent: false,
    });
  });

  test('while one replaces the other both are accepted, and told apart; afterwards the older one is refused', async () => {
    const [older, newer] = [request(right, 'older'), request(right, 'newer')];
    const fingerprints = [await judge(older, 'newer', 'older'), await judge(newer, 'newer', 'older')].map(
      fingerprintOf,
    );
    expect(fingerprints).not.toContain(null);
    expect(new Set(fingerprints).size).toBe(2);
    expect(await judge(older, 'newer')).toMatchObject({ ok: false });
  });

  const shownTwice = ({ rawHeaders, ...rest }: IncomingRequest, change: (shown: string) => string) => {
    const shown = rawHeaders.filter(([name]) => name.toLowerCase() === credentialHeader);
    const again = shown.map(([name, value]): readonly [string, string] => [name, change(value)]);
    return judge({ ...rest, rawHeaders: [...rawHeaders, ...again] }, 'newer');
  };

  if (credentialIsStructured === true) {
    test('a credential on two lines is one value: the last of two members of one name counts', async () => {
      expect(await shownTwice(request(right, 'newer'), (shown) => shown)).toMatchObject({ ok: true });
      expect(await shownTwice(request(right, 'newer'), (shown) => shown.replace(/:.*:/, ':AAAA:'))).toMatchObject({
        ok: false,
        credentialPresent: true,
      });
    });
  } else {
    test('a credential that is shown twice is refused, also where both are right', async () => {
      expect(await shownTwice(request(right, 'newer'), (shown) => shown)).toMatchObject({
        ok: false,
        credentialPresent: true,
      });
    });
  }
}

function describeDecoding({ decoder }: PartnerModule, { right, unknown, repeated, fixtures }: PartnerCases): void {
  const decode = ({ route, body }: Meant) => decoder.decode(route, Buffer.from(body), 'a-delivery');
  const keyOf = (meant: Meant) => {
    const decoding = decode(meant);
    if (!decoding.ok) throw new Error(`not decoded: ${JSON.stringify(decoding.problem)}`);
    return decoding.decoded.duplicateKey;
  };

  test.each(Object.entries(unknown))(
    'an unknown %s is parked with the place, what was expected and what was found',
    (_what, meant) => {
      expect(decode(meant)).toMatchObject({
        ok: false,
        problem: {
          path: expect.stringMatching(/./),
          expected: expect.stringContaining('one of'),
          found: expect.any(String),
        },
      });
    },
  );

  test.each([
    ['nothing', ''],
    ['no JSON', '<html>'],
    ['JSON of another kind', '[]'],
  ])('a body that holds %s is parked', (_what, body) => {
    expect(decode({ ...right, body })).toMatchObject({ ok: false });
  });

  if (repeated === null) {
    test('its events have no ids, so that the same once more is news', () => {
      expect(keyOf(right)).toBeNull();
    });
  } else {
    test('the same event once more has the same key and meaning', () => {
      expect(keyOf(right)).not.toBeNull();
      expect(keyOf(repeated.again)).toEqual(keyOf(right));
    });

    test('under the same id another meaning is told from the first', () => {
      expect(keyOf(repeated.otherwise)?.key).toBe(keyOf(right)?.key);
      expect(keyOf(repeated.otherwise)?.meaning).not.toBe(keyOf(right)?.meaning);
    });
  }

  test.each(fixtures)('$name means what its table says', ({ event, workflowId, ...meant }) => {
    const decoding = decode(meant);
    expect(decoding).toMatchObject({ ok: true, decoded: { event } });
    if (!decoding.ok || workflowId === null) return;
    expect(workflowIdOf(decoding.decoded.subject)).toBe(workflowId.replace('<delivery id>', 'a-delivery'));
  });
}

function describeClient(configure: Configure, { lifecycles }: PartnerModule, cases: PartnerCases): void {
  const { variables, read, listed, confirms } = cases;
  const open: ScriptedServer[] = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map((server) => server.close()));
  });
  const clientOver = async (reply: (asked: Asked) => Reply): Promise<Client> => {
    const server = await startScriptedServer((asked) => (asked.path === '/token' ? TOKEN : reply(asked)));
    open.push(server);
    const client = configure(variables(['newer'], server.url)).client();
    if (client === null) throw new Error('it is not read');
    return { ...client, server, readObject: () => client.read(read.key, read.readHints) };
  };
  const failureOf = async (reading: Promise<unknown>): Promise<ReadFailure> => {
    const error: unknown = await reading.then(
      () => new Error('it did not fail'),
      (reason: unknown) => reason,
    );
    if (error instanceof ReadFailure) return error;
    throw error;
  };

  test('its object is read in a state that its table knows', async () => {
    const { readObject } = await clientOver(() => read.found(read.state));
    const reading = await readObject();
    const states = lifecycles.find(({ object }) => object === read.key.object)?.states ?? {};
    expect(reading.kind === 'object' && reading.status in states).toBe(true);
  });

  test.each(read.absent)('what it does not have is absent, and no failure', async (reply) => {
    const { readObject } = await clientOver(() => reply);
    expect(await readObject()).toEqual({ kind: 'absent' });
  });

  test('a state that nobody knows is not taken for one', async () => {
    const { readObject } = await clientOver(() => read.found('never-heard-of'));
    expect((await failureOf(readObject())).failureCause).toBe('undecodable');
  });

  test.each(FAILURES)('reading that gives %s means what the table of failures says', async (_what, reply, cause) => {
    const { readObject } = await clientOver(() => reply);
    const failure = await failureOf(readObject());
    expect(failure.failureCause).toBe(cause);
    expect(failure.retryAfterMs).toBe(cause === 'rate-limited' ? 7_000 : null);
    expect(readFailure(failure, false)).toMatchObject({ type: cause, nonRetryable: !CAUSES[cause].retry });
  });

  test('a server that is gone is a refused connection', async () => {
    const { readObject, server } = await clientOver(() => null);
    await server.close();
    expect((await failureOf(readObject())).failureCause).toBe('refused connection');
  });

  test('a refused token is replaced once, where there are tokens', async () => {
    let refusals = 0;
    const { readObject, server } = await clientOver(() => {
      refusals += 1;
      return refusals === 1 ? { status: 401 } : read.found(read.state);
    });
    const reading = await readObject().catch((error: unknown) => error);
    expect(reading).toMatchObject(read.hasTokens ? { kind: 'object' } : { failureCause: 'unauthorised' });
    expect(server.asked.filter(({ path }) => path !== '/token')).toHaveLength(read.hasTokens ? 2 : 1);
  });

  if (listed === undefined) {
    test('it lists nothing, so that no sweep is scheduled', async () => {
      expect((await clientOver(() => null)).sweep).toBeUndefined();
    });
  } else {
    test('what it lists has the shape of its webhooks', async () => {
      const { sweep } = await clientOver(({ path }) =>
        new URL(path, 'http://x').searchParams.get('page') === '2' ? { status: 200, body: { data: [] } } : listed.reply,
      );
      expect((await sweep?.(WINDOW))?.events.map(({ route }) => route)).toEqual([listed.route]);
    });

    test('a list that it does not give is a failure, not an empty list', async () => {
      const { sweep } = await clientOver(() => ({ status: 500 }));
      expect((await failureOf(sweep?.(WINDOW) ?? Promise.resolve())).failureCause).toBe('server-error');
    });
  }

  if (confirms !== true) {
    test('it confirms nothing', async () => {
      expect((await clientOver(() => null)).confirmRecurrence).toBeUndefined();
    });
  } else {
    test.each([
      ['taken', 204, 'confirmed'],
      ['made before', 409, 'confirmed'],
      ['refused', 422, 'not confirmed'],
    ])('a confirmation that is %s is an answer', async (_what, status, answer) => {
      const { confirmRecurrence } = await clientOver(() => ({ status }));
      expect(await confirmRecurrence?.('a-transaction', 'a-user')).toBe(answer);
    });

    test('a confirmation without an answer is a failure', async () => {
      const { confirmRecurrence } = await clientOver(() => ({ status: 500 }));
      const failure = await failureOf(confirmRecurrence?.('a-transaction', 'a-user') ?? Promise.resolve());
      expect(failure.failureCause).toBe('server-error');
    });
  }
}
