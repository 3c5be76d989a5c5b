import type { DevelopmentCredentials } from './credentials';
import { SIMULATED_PARTNERS } from '../simulator';
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
