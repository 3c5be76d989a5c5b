import { DevelopmentServerError } from '../guarded-process';
import { freePort } from '../ports';
import { type ComposeService, fillIn, readComposeServices } from './compose-file';
import { type ServiceProcess, startService } from './service-process';

/** The services of the compose file as processes on this machine. */
export interface Topology {
  /** By the names of the compose file. */
  readonly services: ReadonlyMap<string, TopologyService>;
  /** SIGTERM to all that still run; exit codes by name. */
  stop(): Promise<ReadonlyMap<string, number | null>>;
}

export interface TopologyService extends ServiceProcess {
  /** Its variables, as it was started with them. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface TopologyOptions {
  readonly composePath: string;
  /** What stands in `.env` where containers are used. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** What the names `postgres` and `temporal` lead to inside containers. */
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  /** The compiled command line; this build's own where nothing is said. */
  readonly cli?: string;
}

/**
 * The environment of the compose file with what containers have and processes of one machine have not: a network of
 * their own. Every port becomes a free one of the loopback. Gives beside it which port stands for which.
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

/** Starts what the compose file describes, one-shots first; ready (the promise resolves) means that every health check passes. */
export async function startTopology(options: TopologyOptions): Promise<Topology> {
  const described = readComposeServices(options.composePath);
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
