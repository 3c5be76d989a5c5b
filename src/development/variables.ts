import type { DevelopmentCredentials } from './credentials';
import type { Simulators } from './simulators';

type Environment = Readonly<Record<string, string | undefined>>;

/** Input of a stack. */
export interface StackInput {
  readonly environment: Environment;
  readonly databaseUrl: string | undefined;
  readonly temporalAddress: string | undefined;
}

type Variables = Readonly<Record<string, string>>;

/** Options without empty variables. The configuration counts an empty variable as unset, so the stack must, too. */
export function withoutEmpty<T extends StackInput>(options: T): T & { readonly environment: Variables } {
  const environment = Object.fromEntries(
    Object.entries(options.environment).flatMap(([name, given]): [string, string][] => {
      const value = unlessEmpty(given);
      return value === undefined ? [] : [[name, value]];
    }),
  );
  return {
    ...options,
    environment,
    databaseUrl: unlessEmpty(options.databaseUrl),
    temporalAddress: unlessEmpty(options.temporalAddress),
  };
}

function unlessEmpty(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' ? undefined : value;
}

/**
 * Port of the receiver, and the address that simulated partners deliver to, which they need before it listens. For
 * port 0 one is chosen here, and replaces the 0. Without a usual port any free one is taken. An invalid port is left
 * to the configuration to refuse.
 */
export async function receiverVariables(
  given: Environment,
  usual: number | null,
  freePort: () => Promise<number>,
): Promise<{ readonly variables: Variables; readonly deliverTo: string }> {
  const { RECEIVER_HOST: host = '127.0.0.1', RECEIVER_PORT: text } = given;
  const wanted = text === undefined ? (usual ?? 0) : portOf(text);
  const port = wanted === 0 ? await freePort() : (wanted ?? usual ?? 0);
  return {
    variables: wanted === null ? {} : { RECEIVER_PORT: String(port) },
    deliverTo: reachedAt(host, port),
  };
}

/** Port in a variable; null for one that the configuration will refuse. */
function portOf(text: string): number | null {
  const port = Number(text);
  return Number.isInteger(port) && port >= 0 && port < 65_536 ? port : null;
}

/** Address of a receiver for clients on the same machine. */
function reachedAt(host: string, port: number): string {
  const loopback = { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host;
  return `http://${loopback.includes(':') ? `[${loopback}]` : loopback}:${port}`;
}

/**
 * Variables of a stack beside the addresses of its servers: how partners are recognised and read, simulated ones like
 * those of another simulation, and the tokens and secrets of our own. Configured ones win.
 */
export function stackVariables(
  given: Environment,
  made: DevelopmentCredentials,
  { tradevest, coinify, bitpanda }: Simulators,
): Variables {
  const headers = Object.entries(made.tradevestHeaders).map(([name, value]) => [name, [value]]);
  return {
    OPERATIONS_TOKENS: JSON.stringify({ development: made.operationsToken }),
    TRADEVEST_WEBHOOK_HEADERS: JSON.stringify(Object.fromEntries(headers)),
    COINIFY_WEBHOOK_SECRETS: made.coinifySecret,
    BITPANDA_WEBHOOK_KEYS: made.bitpanda.jwks,
    ...tradevestVariables(given, made, tradevest),
    ...coinifyVariables(given, made, coinify),
    ...bitpandaVariables(given, made, bitpanda),
    ...(given.ALERT_WEBHOOK_URL === undefined ? {} : { ALERT_WEBHOOK_SECRET: made.alertWebhookSecret }),
    ...(given.OUTBOX_WEBHOOK_URL === undefined ? {} : { OUTBOX_WEBHOOK_SECRET: made.outboxWebhookSecret }),
  };
}

function tradevestVariables(given: Environment, made: DevelopmentCredentials, simulator: Simulators['tradevest']) {
  return {
    ...(simulator === null ? {} : { TRADEVEST_API_URL: simulator.url }),
    TRADEVEST_TOKEN_URL: simulator?.tokenUrl ?? tokenUrlAt(given.TRADEVEST_API_URL, '/connect/token'),
    TRADEVEST_CLIENT_ID: made.tradevestClientId,
    TRADEVEST_CLIENT_SECRET: made.tradevestClientSecret,
    TRADEVEST_REQUESTOR_ID: made.tradevestRequestorId,
  };
}

/** Token endpoint of a partner of one's own, where none is configured: the path is that of the simulated one. */
function tokenUrlAt(apiUrl: string | undefined, path: string): string {
  return `${(apiUrl ?? '').replace(/\/+$/, '')}${path}`;
}

/** Token URL or token of Coinify, of which exactly one may be set: the one that is configured. */
function coinifyVariables(
  given: Environment,
  made: DevelopmentCredentials,
  simulator: Simulators['coinify'],
): Variables {
  const canRead = given.COINIFY_ACCESS_TOKEN !== undefined || given.COINIFY_TOKEN_URL !== undefined;
  if (simulator === null) return canRead ? {} : { COINIFY_ACCESS_TOKEN: made.coinifyAccessToken };
  return { COINIFY_API_URL: simulator.url, ...(canRead ? {} : { COINIFY_TOKEN_URL: simulator.tokenUrl }) };
}

function bitpandaVariables(given: Environment, made: DevelopmentCredentials, simulator: Simulators['bitpanda']) {
  return {
    ...(simulator === null
      ? {}
      : { BITPANDA_API_URL: simulator.url, SAVINGS_PLAN_DECISION_URL: `${simulator.url}/simulator/decisions` }),
    BITPANDA_TOKEN_URL: simulator?.tokenUrl ?? tokenUrlAt(given.BITPANDA_API_URL, '/oauth/token'),
    BITPANDA_CLIENT_ID: made.bitpandaClientId,
    BITPANDA_CLIENT_SECRET: made.bitpandaClientSecret,
  };
}
