/** A variable that cannot be used; `found` never shows a value that may be secret. */
export interface BadVariable {
  readonly name: string;
  readonly expected: string;
  readonly found: string;
}

export type Parsed<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly expected: string; readonly found: string };

/** Turns the text of a variable into a value. */
export type Parse<T> = (text: string) => Parsed<T>;

export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads variables and collects what is wrong with them, so that all of it can be said at once. */
export interface Variables {
  readonly bad: readonly BadVariable[];
  isSet(name: string): boolean;
  /** Null where unset, and where bad, which is then collected. */
  optional<T>(name: string, parse: Parse<T>): T | null;
  withDefault<T>(name: string, parse: Parse<T>, fallback: T): T;
  /** Unset is bad too; `because` ends the sentence "expected …". */
  required<T>(name: string, parse: Parse<T>, because: string): T | null;
  refuse(bad: BadVariable): void;
}

/**
 * An empty variable is refused rather than taken as unset: an empty secret would switch a partner off, or worse be
 * accepted as one.
 */
function read<T>(text: string, parse: Parse<T>): Parsed<T> {
  return text.trim() === '' ? { ok: false, expected: 'a value, or the variable unset', found: 'empty' } : parse(text);
}

/** Variables of an environment. */
export function createVariables(environment: Environment): Variables {
  const bad: BadVariable[] = [];
  const optional = <T>(name: string, parse: Parse<T>): T | null => {
    const text = environment[name];
    if (text === undefined) return null;
    const parsed = read(text, parse);
    if (parsed.ok) return parsed.value;
    bad.push({ name, expected: parsed.expected, found: parsed.found });
    return null;
  };
  return {
    bad,
    isSet: (name) => environment[name] !== undefined,
    optional,
    withDefault: (name, parse, fallback) => optional(name, parse) ?? fallback,
    required(name, parse, because) {
      if (environment[name] === undefined) bad.push({ name, expected: because, found: 'unset' });
      return optional(name, parse);
    },
    refuse: (one) => {
      bad.push(one);
    },
  };
}
