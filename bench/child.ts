import { type ChildProcess, fork } from 'node:child_process';

/** Starts a compiled file as a process of its own, which ends when it is disconnected. */
export function startChild(
  file: string,
  words: readonly string[],
  environment: Readonly<Record<string, string>>,
): ChildProcess {
  return fork(file, words, { env: { ...process.env, ...environment }, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
}

/** The number that a child's next message holds under this name. Throws when the child ends before. */
export function nextNumber(child: ChildProcess, name: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const ended = (): void => {
      reject(new Error(`${child.spawnargs.slice(1).join(' ')} ended before it answered`));
    };
    child.once('exit', ended);
    child.once('message', (message) => {
      child.off('exit', ended);
      const value: unknown = typeof message === 'object' ? Reflect.get(message, name) : undefined;
      if (typeof value === 'number') resolve(value);
      else reject(new Error(`expected a message with ${name}`));
    });
  });
}

/** Resolves when the child has ended. */
export async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise((resolve) => {
    child.once('exit', resolve);
    child.disconnect();
  });
}
