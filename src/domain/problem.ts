/** The reason why a delivery could not be decoded: where, what was expected, what stood there. */
export interface Problem {
  readonly path: string;
  readonly expected: string;
  /** The value only for event names and enum values, else its type and length: never a name or an address. */
  readonly found: string;
}

/** A problem in words: where, what was expected, and what stood there. */
export function problemText({ path, expected, found }: Problem): string {
  return `${path}: expected ${expected}, found ${found}`;
}
