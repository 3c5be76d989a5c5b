import { type ChildProcess, spawn } from 'node:child_process';

/** Failure to get a development server; the message is one sentence for a person. */
export class DevelopmentServerError extends Error {}

/** Process that ends with its parent. */
export interface GuardedProcess {
  /** Orderly end of the command; resolves when it has ended. */
  stop(): Promise<void>;
  /** End of the command by `kill -9`, in the middle of anything; resolves when it has ended. */
  kill(): Promise<void>;
  /** Last output, for error messages. */
  output(): string;
  /** Promise that resolves when it has ended. */
  readonly ended: Promise<void>;
  /** Promise that resolves when a printed line contains the text, and rejects if the process ends before. */
  printed(text: string): Promise<void>;
}

/** Command to run. */
export interface GuardedCommand {
  readonly command: string;
  readonly arguments: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly stopSignal: 'INT' | 'TERM';
  /** Other user that runs the command, where the parent may do so. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
}

/**
 * Shell script that runs a command and holds one end of a pipe: when the parent ends, in whatever way, the pipe
 * closes and the command is ended. Without it a killed parent leaves servers running that hold its ports and data
 * folder.
 */
const GUARD =
  'exec 3<&0; "$@" </dev/null 3<&- & c=$!; trap "kill -$S $c 2>/dev/null" TERM INT HUP; ' +
  '{ cat <&3 >/dev/null; kill -$S $c 2>/dev/null; } & g=$!; wait $c; r=$?; ' +
  'while kill -0 $c 2>/dev/null; do wait $c; r=$?; done; kill $g 2>/dev/null; exit $r';

/**
 * Process of a command that ends with this process. `detached` keeps Ctrl-C from reaching it before we stop it
 * ourselves.
 */
export function startGuarded(options: GuardedCommand): GuardedProcess {
  const child = spawn('/bin/sh', ['-c', GUARD, 'guard', options.command, ...options.arguments], {
    detached: true,
    env: { ...process.env, ...options.environment, S: options.stopSignal },
    stdio: ['pipe', 'pipe', 'pipe'],
    ...options.user,
  });
  child.stdin.on('error', () => undefined);
  const output = collect(child);
  const ended = new Promise<void>((resolve) => {
    child.on('close', () => {
      resolve();
    });
    child.on('error', () => {
      resolve();
    });
  });
  return {
    ended,
    output: () => output.text(),
    printed: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (output.text().includes(text)) resolve();
        };
        output.onText(look);
        look();
        void ended.then(() => {
          reject(new DevelopmentServerError(`${options.command} ended: ${lastLine(output.text())}`));
        });
      }),
    stop: async () => {
      child.stdin.end();
      await ended;
    },
    kill: async () => {
      // Its process group: the guard and the command.
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
      await ended;
    },
  };
}

const KEPT_OUTPUT_CHARACTERS = 4_000;

function collect(child: ChildProcess): { text(): string; onText(listen: () => void): void } {
  let text = '';
  const listeners: (() => void)[] = [];
  const add = (chunk: Buffer): void => {
    text = (text + chunk.toString('utf8')).slice(-KEPT_OUTPUT_CHARACTERS);
    for (const listen of listeners) listen();
  };
  child.stdout?.on('data', add);
  child.stderr?.on('data', add);
  return { text: () => text, onText: (listen) => listeners.push(listen) };
}

/** Last line that is not empty. */
export function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? 'no output';
}
