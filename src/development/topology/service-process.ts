import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { request } from 'undici';

import { DevelopmentServerError, lastLine } from '../guarded-process';

/** Service of the topology as a process of its own. */
export interface ServiceProcess {
  readonly name: string;
  readonly pid: number | undefined;
  /** Address of its health check; null where it has none. */
  readonly healthUrl: string | null;
  /** Promise of the exit code when the process has ended; null where a signal ended it. */
  readonly ended: Promise<number | null>;
  /** Exit code after SIGTERM, and SIGKILL when the grace time is over. */
  stop(): Promise<number | null>;
  /** End by `kill -9`, at any point of its work. */
  kill(): Promise<void>;
  /** Promise that resolves when its health check passes, and rejects where it ends before. */
  healthy(): Promise<void>;
}

/** Command of a service. */
export interface ServiceCommand {
  readonly name: string;
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly healthUrl: string | null;
  readonly stopGraceMs: number;
  /** Compiled command line; this build's own where absent. */
  readonly cli?: string;
}

const CLI = join(__dirname, '..', '..', 'cli.js');
/**
 * Script that ends a service when the pipe to its parent closes, because it must not outlive this process. Threads
 * inherit it, and have no such pipe; a process that ends by itself must not be kept alive by it.
 */
const ENDS_WITH_PARENT =
  "data:text/javascript,import{isMainThread}from'node:worker_threads';" +
  "if(isMainThread)process.stdin.on('close',()=>process.exit()).resume().unref()";
const KEPT_OUTPUT_CHARACTERS = 4_000;
const PROBE_EVERY_MS = 200;
const HEALTHY_WITHIN_MS = 90_000;

/** Started service; its output is kept for the message of an error. */
export function startService(command: ServiceCommand): ServiceProcess {
  const { name, healthUrl, stopGraceMs } = command;
  const words = ['--import', ENDS_WITH_PARENT, command.cli ?? CLI, ...command.arguments];
  const child = spawn(process.execPath, words, {
    // Otherwise Ctrl-C would reach it too, and a second signal ends it at once.
    detached: true,
    env: { PATH: process.env.PATH, ...command.environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let output = '';
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString('utf8')).slice(-KEPT_OUTPUT_CHARACTERS);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  child.stdin.on('error', () => undefined);
  let isOver = false;
  const ended = new Promise<number | null>((resolve) => {
    child.once('exit', (code) => {
      isOver = true;
      resolve(code);
    });
  });
  return {
    name,
    pid: child.pid,
    healthUrl,
    ended,
    async stop() {
      child.kill('SIGTERM');
      const force = setTimeout(() => child.kill('SIGKILL'), stopGraceMs);
      try {
        return await ended;
      } finally {
        clearTimeout(force);
      }
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
    async healthy() {
      const endMs = Date.now() + HEALTHY_WITHIN_MS;
      while (healthUrl !== null && !(await isHealthy(healthUrl))) {
        if (isOver || Date.now() > endMs)
          throw new DevelopmentServerError(`${name} did not become healthy: ${lastLine(output)}`);
        await delay(PROBE_EVERY_MS);
      }
    },
  };
}

async function isHealthy(url: string): Promise<boolean> {
  try {
    const { statusCode, body } = await request(url);
    await body.dump();
    return statusCode === 200;
  } catch {
    return false;
  }
}
