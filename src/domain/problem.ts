/** The reason why a delivery could not be decoded: where, what was expected, what stood there. */
export interface Problem {
  readonly path: string;
  readonly expected: string;
  /** The value only for event names and enum values, else its type and length: never a name or an address. */
  readonly found: string;
}

/**
 * Paths of problems that keep a delivery from being dispatched though its body may be right: what Temporal or the store
 * said, a mistake of our decoder, a body key that is not configured, stored bytes that were altered.
 */
export const DISPATCH_PROBLEMS = ['temporal', 'store', 'decoder', 'body-key', 'body-altered'] as const;

/** A problem in words: where, what was expected, and what stood there. */
export function problemText({ path, expected, found }: Problem): string {
  return `${path}: expected ${expected}, found ${found}`;
}

/** The declared path of a place in a body: that of `transactions.0.id` is `transactions[].id`. */
export function declaredPath(path: string): string {
  return path.replace(/\.\d+(?=\.|$)/g, '[]');
}
