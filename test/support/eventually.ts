const EVERY_MS = 50;

/**
 * Result of an assertion that is repeated until it holds; its last failure is the failure. The time limit allows for
 * slow machines, and is no expectation of our own speed.
 */
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
