import type { VariableReader } from '../codecs/environment';
import { LONGEST_NAME } from '../domain/operator-request';
import { charactersIn, isPlainText } from '../domain/plain-text';

/**
 * Operations tokens from JSON, by the name of their holder. One token under two names would make the audit ambiguous.
 */
export function readOperationsTokens(read: VariableReader, name: string): Readonly<Record<string, string>> | null {
  const expected = 'JSON of names, each with a token of its own such as {"alice":"…"}';
  const entries = read.entries(name, expected);
  if (entries === null) return null;
  const found = new Map<string, string>();
  for (const [who, token] of entries) {
    if (who.trim() === '' || !isPlainText(who, LONGEST_NAME))
      read.complain(name, `names of 1 to ${LONGEST_NAME} characters without control characters`, nameFound(who));
    else if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token))
      read.complain(name, expected, `no token of visible characters for ${who}`);
    else if ([...found.values()].includes(token)) read.complain(name, expected, `the token of ${who} twice`);
    else found.set(who, token);
  }
  return found.size === entries.length ? Object.fromEntries(found) : null;
}

/** A name that no list could show is not printed either. */
function nameFound(who: string): string {
  return who.trim() === '' ? 'an empty name' : `a name of ${charactersIn(who)} characters`;
}
