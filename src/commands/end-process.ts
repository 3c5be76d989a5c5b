/** Time for closing resources; a resource that nobody closed must not keep a failed process alive. */
const GRACE_MS = 2_000;
const DRAINED_EVERY_MS = 100;

function isDrained(): boolean {
  return process.stdout.writableLength === 0 && process.stderr.writableLength === 0;
}

/**
 * Ends the process with the exit code that is set, soon: by itself, or after a grace where something still holds it, as
 * a listener or a connection does that was open when a command failed. What was written is read first, however slow the
 * reader is.
 */
export function endProcessSoon(): void {
  const end = (): void => {
    if (isDrained()) process.exit();
    setTimeout(end, DRAINED_EVERY_MS).unref();
  };
  setTimeout(end, GRACE_MS).unref();
}
