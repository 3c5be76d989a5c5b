import type { DevelopmentCredentials } from './credentials';
import { SIMULATED_PARTNERS } from '../simulator';
import type { Simulators } from './simulators';

type Environment = Readonly<Record<string, string | undefined>>;
type Variables = Readonly<Record<string, string>>;

function unlessEmpty(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' ? undefined : value;
}

/** What a stack is told from outside. */
export interface Given {
  readonly environment: Environment;
  readonly databaseUrl: string | undefined;
  readonly temporalAddress: string | undefined;
}

/** An empty variable is an unset one for whoever reads the configuration: it must be for what is made up here, too. */
export function withoutEmpty<T extends Given>(options: T): T & { readonly environment: Variables } {
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

/** The port in a variable; null for one that the configuration will refuse. */
function portOf(text: string): number | null {
  const port = Number(text);
  return Number.isInteger(port) && port >= 0 && port < 65_536 ? port : null;
}

/** Where a receiver that listens there is reached from the same machine. */
function reachedAt(host: string, port: number): string {
  const loopback = { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host;
  return `http://${loopback.includes(':') ? `[${loopback}]` : loopback}:${port}`;
}

/**
 * The receiver's port and where simulated partners deliver to, which is told them before it listens: for port 0 one is
 * chosen here, and holds in place of the 0. Without a usual port any free one is taken. A port that is none is left to
 * the configuration to refuse.
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

/**
 * The variables that a stack offers beside the addresses of its servers: how partners are recognised and read, the
 * simulated ones as those that somebody runs himself, and the tokens and secrets of our own. What is given wins.
 */
export function stackVariables(given: Environment, made: DevelopmentCredentials, simulators: Simulators): Variables {
  const partners = SIMULATED_PARTNERS.flatMap(({ name, webhookVariables }) => {
    const partner = made.partners.get(name);
    const decoded = webhookVariables(partner?.shown);
    return [decoded.ok ? decoded.value : {}, partner?.readVariables(given, simulators[name] ?? null) ?? {}];
  });
  return {
    OPERATIONS_TOKENS: JSON.stringify({ development: made.operationsToken }),
    ...Object.fromEntries(partners.flatMap((variables) => Object.entries(variables))),
    ...(given.ALERT_WEBHOOK_URL === undefined ? {} : { ALERT_WEBHOOK_SECRET: made.alertWebhookSecret }),
    ...(given.OUTBOX_WEBHOOK_URL === undefined ? {} : { OUTBOX_WEBHOOK_SECRET: made.outboxWebhookSecret }),
  };
}
