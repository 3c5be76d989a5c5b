/** Closing connections may take a moment; one that nobody closed must not keep a failed process alive. */
const GRACE_MS = 2_000;
const DRAINED_EVERY_MS = 100;

function isDrained(): boolean {
  return process.stdout.writableLength === 0 && process.stderr.writableLength === 0;
}

/**
 * The end of the process with the exit code that is set: by itself, or after a short wait where a listener or a
 * connection of a failed command is still open. Output is written first, however slow its reader is.
 */
export function endProcessSoon(): void {
  const end = (): void => {
    if (isDrained()) process.exit();
    setTimeout(end, DRAINED_EVERY_MS).unref();
  };
  setTimeout(end, GRACE_MS).unref();
}
