const EVERY_MS = 50;

/** Repeats an assertion until it holds; its last failure is the failure. */
export async function eventually<T>(assertion: () => Promise<T> | T, timeoutMs = 20_000): Promise<T> {
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
