import { DevelopmentServerError } from '../guarded-process';
import { freePort } from '../ports';
import { type ComposeService, fillIn, readComposeServices } from './compose-file';
import { type ServiceProcess, startService } from './service-process';

/** Services of the compose file as processes on this machine. */
export interface Topology {
  /** Services by their names in the compose file. */
  readonly services: ReadonlyMap<string, TopologyService>;
  /** Exit codes by name, after SIGTERM to all that still run. */
  stop(): Promise<ReadonlyMap<string, number | null>>;
}

/** Service of a topology. */
export interface TopologyService extends ServiceProcess {
  /** Variables it was started with. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Options of a topology. */
export interface TopologyOptions {
  readonly composePath: string;
  /** Variables that `.env` holds where containers are used. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Address behind the name `postgres` inside containers. */
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  /** Compiled command line; this build's own where absent. */
  readonly cli?: string;
}

/** Topology of the compose file, one-shots first; ready (the promise resolves) means that every health check passes. */
export async function startTopology(options: TopologyOptions): Promise<Topology> {
  const described = readComposeServices(options.composePath).filter(({ isOptional }) => !isOptional);
  const services = new Map<string, TopologyService>();
  const stop = async (): Promise<ReadonlyMap<string, number | null>> => {
    const stopped = [...services].map(async ([name, service]) => [name, await service.stop()] as const);
    return new Map(await Promise.all(stopped));
  };
  try {
    for (const service of described.filter(({ isOneShot }) => isOneShot)) {
      const code = await (await start(service, options)).ended;
      if (code !== 0) throw new DevelopmentServerError(`${service.name} ended with ${String(code)}`);
    }
    for (const service of described.filter(({ isOneShot }) => !isOneShot))
      services.set(service.name, await start(service, options));
    await Promise.all([...services.values()].map((service) => service.healthy()));
    return { services, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(service: ComposeService, options: TopologyOptions): Promise<TopologyService> {
  const filled = Object.entries(service.environment).map(([name, value]): [string, string] => [
    name,
    fillIn(value, { POSTGRES_PASSWORD: 'not-used-here', ...options.variables }),
  ]);
  const { environment, ports } = await ownNetwork(Object.fromEntries(filled), options);
  const { name, command, stopGraceMs } = service;
  const running = startService({
    name,
    arguments: command,
    environment,
    healthUrl: healthUrlOf(service, ports),
    stopGraceMs,
    ...(options.cli === undefined ? {} : { cli: options.cli }),
  });
  return { ...running, environment };
}

/**
 * Environment of the compose file, adapted to processes without a network of their own: every port becomes a free one
 * of the loopback. The mapping of ports is returned too.
 */
async function ownNetwork(
  environment: Readonly<Record<string, string>>,
  { databaseUrl, temporalAddress }: TopologyOptions,
): Promise<{ environment: Record<string, string>; ports: ReadonlyMap<string, number> }> {
  const ports = new Map<string, number>();
  const own: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (name.endsWith('_PORT')) {
      const port = await freePort();
      ports.set(value, port);
      own[name] = String(port);
    } else if (name.endsWith('_HOST')) own[name] = '127.0.0.1';
    else own[name] = value;
  }
  return { environment: { ...own, DATABASE_URL: databaseUrl, TEMPORAL_ADDRESS: temporalAddress }, ports };
}

function healthUrlOf(service: ComposeService, ports: ReadonlyMap<string, number>): string | null {
  if (service.healthUrl === null) return null;
  const url = new URL(service.healthUrl);
  const port = ports.get(url.port);
  if (port === undefined)
    throw new DevelopmentServerError(`${service.name}: its health check asks a port it does not open`);
  url.port = String(port);
  return url.toString();
}
