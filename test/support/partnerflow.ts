import { spawn } from 'node:child_process';
import { join } from 'node:path';

const CLI = join(__dirname, '..', '..', 'dist', 'src', 'cli.js');

/**
 * Longest run of a command, below the time a test may take: a process that never ends must fail its test, and not
 * outlive it.
 */
const LONGEST_RUN_MS = 120_000;

/** Output of a command, and its exit code. */
export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Run of the built `partnerflow` as a process of its own, with these variables and no others, to its end. */
export function partnerflow(
  arguments_: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  folder = __dirname,
): Promise<Ran> {
  return startPartnerflow(arguments_, environment, folder).ended;
}

/** Running command. */
export interface RunningCommand {
  readonly ended: Promise<Ran>;
  /** End without a chance to do anything, as by `kill -9`. */
  kill(): Promise<Ran>;
}

/** Start of the built `partnerflow` as a process of its own, with these variables and no others. */
export function startPartnerflow(
  arguments_: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  folder = __dirname,
): RunningCommand {
  const child = spawn(process.execPath, [CLI, ...arguments_], {
    cwd: folder,
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LONGEST_RUN_MS,
    killSignal: 'SIGKILL',
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const ended = new Promise<Ran>((done) => child.on('close', (code) => done({ code, out, err })));
  return {
    ended,
    kill: () => {
      child.kill('SIGKILL');
      return ended;
    },
  };
}
