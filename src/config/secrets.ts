import type { VariableReader } from '../codecs/environment';

/**
 * Operations tokens from JSON, by the name of their holder. One token under two names would make the audit ambiguous.
 */
export function readOperationsTokens(read: VariableReader, name: string): Readonly<Record<string, string>> | null {
  const expected = 'JSON of names, each with a token of its own such as {"alice":"…"}';
  const entries = read.entries(name, expected);
  if (entries === null) return null;
  const found = new Map<string, string>();
  for (const [who, token] of entries) {
    if (who === '') read.complain(name, expected, 'an empty name');
    else if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token))
      read.complain(name, expected, `no token of visible characters for ${who}`);
    else if ([...found.values()].includes(token)) read.complain(name, expected, `the token of ${who} twice`);
    else found.set(who, token);
  }
  return found.size === entries.length ? Object.fromEntries(found) : null;
}
