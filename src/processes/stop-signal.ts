const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** Promise that resolves at the first SIGTERM or SIGINT; a second one ends the process at once. */
export function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    let isSignalled = false;
    for (const signal of SIGNALS) {
      process.on(signal, () => {
        if (isSignalled) process.exit(130);
        isSignalled = true;
        resolve();
      });
    }
  });
}
