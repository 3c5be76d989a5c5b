const EVERY_MS = 50;

/** Repeats an assertion until it holds; its last failure is the failure. The patience is for slow machines, and says nothing of ours. */
export async function eventually<T>(assertion: () => Promise<T> | T, timeoutMs = 60_000): Promise<T> {
  const endMs = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await assertion();
    } catch (error) {
      if (Date.now() > endMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
  }
}
