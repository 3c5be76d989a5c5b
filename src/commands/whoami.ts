import { userInfo } from 'node:os';

import { LONGEST_NAME } from '../domain/operator-request';
import { firstCharacters, writableText } from '../domain/plain-text';

/** The name of the operator at the command line, where there is no token: the operating system's user. */
export function whoami(): string {
  try {
    return firstCharacters(writableText(userInfo().username), LONGEST_NAME);
  } catch {
    // A container may run under a number that has no name.
    return `user ${String(process.getuid?.() ?? 'unknown')}`;
  }
}
