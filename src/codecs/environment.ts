import { charactersIn, firstCharacters } from '../domain/plain-text';

/** Variable that cannot be used: what was expected and what was found (never the value of a secret). */
export interface BadVariable {
  readonly name: string;
  readonly expected: string;
  readonly found: string;
}

/** Failure of the configuration, with every bad variable at once. */
export class ConfigurationError extends Error {
  constructor(readonly variables: readonly BadVariable[]) {
    super(variables.map(({ name, expected, found }) => `${name}: expected ${expected}, found ${found}`).join('\n'));
    this.name = 'ConfigurationError';
  }
}

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Reader of variables that collects what is wrong with them instead of stopping at the first. */
export interface VariableReader {
  readonly bad: readonly BadVariable[];
  isSet(name: string): boolean;
  complain(name: string, expected: string, found: string): void;
  /** Value; undefined when unset or empty. */
  text(name: string): string | undefined;
  required(name: string, expected: string): string;
  /** One of the words; the fallback when unset, or when it is another one, which is complained about. */
  word<Word extends string>(name: string, words: readonly Word[], fallback: Word): Word;
  url(name: string, fallback?: string): string | undefined;
  number(name: string, fallback: number, least: number, most: number, whole?: boolean): number;
  /** JSON in a variable; undefined when unset, or when it is no JSON, which is complained about. */
  json(name: string, expected: string): unknown;
  /** The entries of the JSON object in a variable; null when unset, empty or something else (then complained about). */
  entries(name: string, expected: string): readonly (readonly [string, unknown])[] | null;
}

/** All, none, or a complaint about each that is missing: what is half configured refuses to start. */
export function allOrNone(read: VariableReader, names: readonly string[]): boolean {
  const missing = names.filter((name) => !read.isSet(name));
  if (missing.length === 0) return true;
  const given = names.filter((name) => read.isSet(name));
  if (given.length > 0)
    for (const name of missing) read.complain(name, `a value, because ${given.join(', ')} is set`, 'nothing');
  return false;
}

/**
 * Numbers as people write them: `.5`, `5.`, `+5` and `1e+3` are some, `0x10` and `Infinity` are not; none is
 * negative.
 */
const DECIMAL = /^\+?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** Reader of the given variables. An empty variable counts as unset, as shells and compose files leave them. */
export function createVariableReader(environment: Environment): VariableReader {
  const bad: BadVariable[] = [];
  const complain = (name: string, expected: string, found: string): void => {
    bad.push({ name, expected, found });
  };
  const text = (name: string): string | undefined => {
    const value = environment[name];
    return value === undefined || value.trim() === '' ? undefined : value;
  };
  const json = (name: string, expected: string): unknown => {
    const value = text(name);
    if (value === undefined) return undefined;
    try {
      const parsed: unknown = JSON.parse(value);
      return parsed;
    } catch {
      complain(name, expected, 'text that is not JSON');
      return undefined;
    }
  };
  return {
    bad,
    complain,
    text,
    json,
    isSet: (name) => text(name) !== undefined,
    required(name, expected) {
      const value = text(name);
      if (value === undefined) complain(name, expected, 'nothing');
      return value ?? '';
    },
    word(name, words, fallback) {
      const value = text(name);
      const found = words.find((one) => one === value);
      if (value !== undefined && found === undefined)
        complain(name, `one of ${words.join(', ')}`, `"${firstCharacters(value, 20)}"`);
      return found ?? fallback;
    },
    url(name, fallback) {
      const value = text(name);
      if (value === undefined) return fallback;
      if (isUrl(value)) return value.replace(/\/+$/, '');
      complain(name, 'a URL with http or https', `text of ${charactersIn(value)} characters`);
      return fallback;
    },
    number(name, fallback, least, most, whole = true) {
      const value = text(name);
      if (value === undefined) return fallback;
      const number = DECIMAL.test(value.trim()) ? Number(value) : Number.NaN;
      const fits = number >= least && number <= most && (!whole || Number.isInteger(number));
      if (fits) return number;
      complain(
        name,
        `${whole ? 'a whole number' : 'a number'} from ${least} to ${most}`,
        `"${firstCharacters(value, 40)}"`,
      );
      return fallback;
    },
    entries(name, expected) {
      const value = json(name, expected);
      if (value === undefined) return null;
      const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
      const entries: [string, unknown][] = isObject ? Object.entries(value) : [];
      if (entries.length > 0) return entries;
      complain(name, expected, isObject ? 'an empty object' : 'JSON of another kind');
      return null;
    },
  };
}

function isUrl(text: string): boolean {
  return URL.canParse(text) && ['http:', 'https:'].includes(new URL(text).protocol);
}
